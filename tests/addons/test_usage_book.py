"""Counts of two processes: exact in one, soon agreed between both, none lost on the way."""

import asyncio
import time

import pytest

import db
from addons.store import Store
from addons.usage_book import UsageBook
from core.api_key import KeyRules, Usage, day_of
from core.settings import Settings

NOW = time.time()


@pytest.fixture
def user(tmp_path):
    db.open_database(Settings(data_dir=tmp_path))
    yield db.add_user("alice").id
    db.close_database()


@pytest.fixture
async def store(user):
    store = Store()
    yield store
    await store.call(db.release_connection)
    await store.done()


async def test_counts_are_seen_at_once_and_written_soon(store, user):
    book = UsageBook(store)
    await book.running()
    book.count(user, NOW)
    book.count(user, NOW, 2)
    assert book.usage(user, NOW) == Usage(3, 3)
    async with asyncio.timeout(3):
        while (await store.call(db.user_usage, user, NOW)).today < 3:  # noqa: ASYNC110  the database tells no event
            await asyncio.sleep(0.05)
    assert book.usage(user, NOW) == Usage(3, 3)
    await book.done()


async def test_what_another_process_counts_is_known_within_two_seconds(store, user):
    one, other = UsageBook(store), UsageBook(store)
    await one.running()
    await other.running()
    one.count(user, NOW)
    key, _ = await store.call(db.add_api_key, "k", KeyRules(), NOW, user_id=user)
    owner = await store.call(db.load_user, user)
    await store.call(db.count_api_call, key, time.time(), owner)
    async with asyncio.timeout(2):
        while other.usage(user, NOW) != Usage(2, 2):  # noqa: ASYNC110  as above
            await asyncio.sleep(0.05)
    await one.done()
    await other.done()


async def test_an_orderly_end_loses_nothing(store, user):
    book = UsageBook(store)
    await book.running()
    book.count(user, NOW)
    await book.done()
    again = UsageBook(store)
    await again.running()
    assert again.usage(user, NOW) == Usage(1, 1)
    await again.done()


async def test_what_cannot_be_written_is_kept_and_tried_again(store, user, monkeypatch, caplog):
    book = UsageBook(store)
    whole = db.add_web_questions

    def broken(*_):
        raise db.DatabaseUnavailableError("locked")

    monkeypatch.setattr(db, "add_web_questions", broken)
    book.count(user, NOW)
    await book.save()
    assert book.usage(user, NOW) == Usage(1, 1)
    assert "trying again" in caplog.text
    monkeypatch.setattr(db, "add_web_questions", whole)
    await book.save()
    assert (await store.call(db.user_usage, user, NOW)).today == 1
    assert book.usage(user, NOW) == Usage(1, 1)


async def test_days_and_months_are_told_apart(store, user):
    book = UsageBook(store)
    day = 86_400
    book.count(user, 0.0)
    book.count(user, day)
    book.count(user, 40 * day)
    assert book.usage(user, day) == Usage(1, 2)
    assert book.usage(user, 40 * day) == Usage(1, 1)
    assert day_of(40 * day) == "1970-02-10"
