"""Who owns what is written down before it is told, and survives whatever happens to the process."""

import asyncio
import errno
import fcntl
import os

import pytest

import db
from addons.ownership import MOST_UNWRITTEN, NotYoursError, Ownership
from addons.ownership_journal import OwnershipJournal
from addons.store import Store
from core.ids import Found
from core.settings import Settings
from core.sso_token import PastedAccount

ALICE, BOB = "user:1", "user:2"
CONVERSATION = ("conversation", "c-1")


def found(*named, loose=()):
    return Found(frozenset(named), frozenset(loose))


@pytest.fixture
def folder(tmp_path):
    db.open_database(Settings(data_dir=tmp_path))
    db.add_account(PastedAccount(sso_token="t" * 30), name="a")
    yield tmp_path
    db.close_database()


@pytest.fixture
async def store(folder):
    store = Store()
    await store.running()
    yield store
    await store.done()


@pytest.fixture
async def ownership(store, folder):
    ownership = Ownership(store, folder)
    await ownership.running()
    yield ownership
    await ownership.done()


def journals(folder):
    return sorted(folder.glob("ownership-*.journal"))


async def written(ownership):
    await asyncio.wait_for(ownership.written.wait(), 5)


async def test_a_claim_is_known_at_once_and_stored_in_a_moment(ownership):
    ownership.claim(1, ALICE, [CONVERSATION, ("file", "f-1")])
    assert await ownership.is_his(1, ALICE, found(CONVERSATION))
    assert not await ownership.is_his(1, BOB, found(CONVERSATION))
    assert not await ownership.is_his(2, ALICE, found(CONVERSATION)), "on another account"
    await written(ownership)
    assert len(db.owned_by(ALICE)) == 2


async def test_what_is_somebody_elses_cannot_be_claimed(ownership):
    ownership.claim(1, ALICE, [CONVERSATION])
    with pytest.raises(NotYoursError):
        ownership.claim(1, BOB, [("file", "f-2"), CONVERSATION])
    ownership.claim(1, ALICE, [CONVERSATION])


async def test_what_nobody_was_told_is_nobodys(ownership):
    assert not await ownership.is_his(1, ALICE, found(CONVERSATION))
    assert await ownership.owned_among(1, ALICE, [CONVERSATION]) == frozenset()
    assert not await ownership.is_published([CONVERSATION])
    assert not await ownership.is_published([])


async def test_an_id_under_an_unknown_name_must_not_be_another_persons(ownership):
    ownership.claim(1, ALICE, [CONVERSATION])
    await written(ownership)
    assert await ownership.is_his(1, ALICE, found(loose=["c-1", "unheard-of"]))
    assert not await ownership.is_his(1, BOB, found(loose=["c-1"]))
    assert await ownership.is_his(1, BOB, found(loose=["unheard-of"]))


async def test_it_is_known_after_a_restart(ownership, store, folder):
    ownership.claim(1, ALICE, [CONVERSATION])
    await ownership.done()
    assert journals(folder) == []
    again = Ownership(store, folder)
    await again.running()
    assert await again.is_his(1, ALICE, found(CONVERSATION))
    assert await again.all_of(1, ALICE) == {CONVERSATION}
    await again.done()


async def test_what_a_killed_process_told_is_taken_over(store, folder):
    dead = Ownership(store, folder)
    await dead.running()
    assert dead._writer
    dead._writer.cancel()
    dead.claim(1, ALICE, [CONVERSATION])
    os.close(dead._journal._file)  # as the kernel does when a process ends
    (left,) = journals(folder)
    with left.open("ab") as journal:
        journal.write(b'[1, "file", "half a li')
    heir = Ownership(store, folder)
    await heir.running()
    assert await heir.is_his(1, ALICE, found(CONVERSATION))
    assert left not in journals(folder)
    await heir.done()


def test_a_journal_is_never_seen_unlocked(folder, monkeypatch):
    """Another process that starts just then would take it for left over, and delete it."""
    lock = fcntl.flock

    def look_first(file, how):
        assert journals(folder) == []
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", look_first)
    journal = OwnershipJournal(folder)
    journal.open()
    assert len(journals(folder)) == 1
    journal.close(keep=False)
    assert list(folder.glob("ownership*")) == []


async def test_the_journal_of_a_living_process_is_left_alone(ownership, store, folder):
    second = Ownership(store, folder)
    await second.running()
    assert len(journals(folder)) == 2
    await second.done()
    assert len(journals(folder)) == 1


async def test_nothing_is_told_that_cannot_be_written(ownership, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="full"):
        ownership.claim(1, ALICE, [CONVERSATION])
    monkeypatch.undo()
    assert not await ownership.is_his(1, ALICE, found(CONVERSATION))


async def test_half_a_line_does_not_spoil_the_next(ownership, folder, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:5]))
    with pytest.raises(OSError, match="full"):
        ownership.claim(1, ALICE, [CONVERSATION])
    monkeypatch.undo()
    assert journals(folder)[0].read_bytes() == b""


async def test_claims_wait_for_a_database_that_is_away(ownership, folder, monkeypatch):
    real = db.record_ownership

    def away(objects):
        raise db.DatabaseUnavailableError("locked")

    monkeypatch.setattr(db, "record_ownership", away)
    monkeypatch.setattr("addons.ownership.RETRY_SECONDS", 0.01)
    ownership.claim(1, ALICE, [CONVERSATION])
    await asyncio.sleep(0.05)
    assert b"c-1" in journals(folder)[0].read_bytes()
    monkeypatch.setattr(db, "record_ownership", real)
    await written(ownership)
    assert db.owned_by(ALICE)
    assert journals(folder)[0].read_bytes() == b""


async def test_nothing_new_is_begun_once_too_much_waits(ownership, monkeypatch):
    assert ownership.can_claim
    monkeypatch.setattr(ownership, "_unwritten", [None] * MOST_UNWRITTEN)
    assert not ownership.can_claim
    monkeypatch.setattr(ownership, "_unwritten", [None] * (2 * MOST_UNWRITTEN + 1))
    with pytest.raises(OSError, match="too long"):
        ownership.claim(1, ALICE, [CONVERSATION])
    monkeypatch.undo()


async def test_the_database_has_the_last_word(ownership, monkeypatch):
    db.record_ownership([db.Owned(1, *CONVERSATION, BOB)])
    ownership.claim(1, ALICE, [CONVERSATION])
    await written(ownership)
    assert await ownership.is_his(1, BOB, found(CONVERSATION))
    assert not await ownership.is_his(1, ALICE, found(CONVERSATION))


async def test_only_so_much_is_remembered(ownership, monkeypatch):
    monkeypatch.setattr("addons.ownership.MOST_KNOWN", 50)
    for number in range(200):
        ownership.claim(1, ALICE, [("file", f"f-{number}")])
    await written(ownership)
    for number in range(100):
        ownership.claim(1, ALICE, [("file", f"g-{number}")])
    assert len(ownership._known) <= 200
    assert await ownership.is_his(1, ALICE, found(("file", "f-0"), ("file", "g-99")))
