"""What the proxy knows of the database follows it, whatever happens in between."""

import asyncio

import pytest

import db
from addons import store as stores
from addons.store import Store
from core.settings import Settings
from core.sso_token import PastedAccount


@pytest.fixture
async def store(tmp_path, monkeypatch):
    monkeypatch.setattr(stores, "POLL_SECONDS", 0.01)
    db.open_database(Settings(data_dir=tmp_path))
    store = Store()
    await store.running()
    yield store
    await store.call(db.release_connection)
    await store.done()
    db.close_database()


async def test_a_change_is_noticed_though_it_could_not_be_read_at_first(store, monkeypatch, caplog):
    read, times = stores._read_snapshot, []

    def read_at_second_try():
        times.append(1)
        if len(times) == 1:
            raise LookupError("a row that nobody expected")
        return read()

    monkeypatch.setattr(stores, "_read_snapshot", read_at_second_try)
    account = await store.call(db.add_account, PastedAccount(sso_token="eyJ.eyJ.c2ln"))
    async with asyncio.timeout(5):
        while account.id not in store.accounts:  # noqa: ASYNC110  the database tells no event
            await asyncio.sleep(0.01)
    assert "_poll failed (LookupError)" in caplog.text
    assert "nobody expected" not in caplog.text
