"""Copies of conversations: sealed, one user's only, and re-sealed when the key changes."""

import pytest
from cryptography.fernet import Fernet

import db
from core.conversation import Head, Message
from core.settings import Settings
from core.sso_token import parse_pasted
from core.user import User
from db.tables import ArchivedRow

HEAD = Head("c1", "A TITLE NOBODY READS", "2026-01-01", "2026-01-02")
MESSAGES = [Message(id="q", role="user", text="WORDS NOBODY READS 天气")]


@pytest.fixture
def alice(opened: Settings) -> User:
    user = db.ensure_user("alice")
    db.set_archive(user.id, 0.0, on=True)
    return user


def keep(user: User, account_id: int = 1, head: Head = HEAD) -> bool:
    return db.keep_copy(user.id, account_id, head, db.pack(MESSAGES), 5.0)


def test_a_copy_comes_back_as_it_was_and_takes_the_place_of_the_older_one(alice: User) -> None:
    assert keep(alice)
    assert keep(alice, head=Head("c1", "newer", "2026-01-01", "2026-01-03"))
    [listed] = db.list_archived(alice.id)
    assert (listed.account_id, listed.head.title, listed.archived_at) == (1, "newer", 5.0)
    found = db.load_archived(alice.id, 1, "c1")
    assert found == (listed, MESSAGES)
    assert db.archived_moments(alice.id, 1) == {"c1": ("2026-01-03", listed.size)}
    assert db.archive_size(alice.id) == listed.size <= db.sealed_size(db.pack(MESSAGES)) + 400


def test_nobody_finds_the_copy_of_another(alice: User) -> None:
    keep(alice)
    bob = db.ensure_user("bob")
    assert db.list_archived(bob.id) == []
    assert db.load_archived(bob.id, 1, "c1") is None
    assert db.delete_archive(bob.id) == 0
    assert db.delete_archive(bob.id, [(1, "c1")]) == 0
    assert db.archive_size(bob.id) == 0
    assert len(db.list_archived(alice.id)) == 1


def test_who_does_not_want_copies_has_none_made(alice: User) -> None:
    keep(alice)
    db.set_archive(alice.id, 1.0, on=False)
    assert not keep(alice, head=Head("c2"))
    assert [one.head.id for one in db.list_archived(alice.id)] == ["c1"]
    assert db.archive_users(2.0) == []
    assert db.delete_archive(alice.id) == 1
    assert db.list_archived(alice.id) == []


def test_copies_are_made_of_those_who_may_come_here(alice: User) -> None:
    db.set_archive(alice.id, 9.0, on=True)
    assert db.wants_archive(alice.id)
    assert db.archive_users(2.0) == [alice.id]
    db.set_user_enabled(alice.id, enabled=False)
    assert db.archive_users(2.0) == []


def test_a_copy_outlives_its_account_but_not_its_user(alice: User) -> None:
    account = db.add_account(
        parse_pasted("eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiYSJ9.c2lnbmF0dXJlc2VjcmV0")
    )
    keep(alice, account.id)
    db.delete_accounts([account.id], 1.0)
    db.purge_accounts([account.id])
    assert len(db.list_archived(alice.id)) == 1
    db.delete_user(alice.id)
    assert ArchivedRow.select().count() == 0


def test_nothing_of_it_is_readable_in_the_files(alice: User, opened: Settings) -> None:
    keep(alice)
    stored = b"".join(path.read_bytes() for path in opened.data_dir.glob("grok-mirror.db*"))
    assert b"NOBODY READS" not in stored


def test_a_rotation_seals_many_copies_again_and_the_old_key_can_go(
    alice: User, opened: Settings
) -> None:
    for number in range(45):  # more than are read in one go
        keep(alice, head=Head(f"c{number}", "t"))
    seen: list[tuple[int, int]] = []
    assert db.start_rotation(opened)
    assert db.count_old_seals() == 90
    assert db.reseal_secrets(lambda done, total: seen.append((done, total))) == 90
    assert seen[-1] == (90, 90)
    assert db.finish_rotation(opened) == 1
    assert len(db.list_archived(alice.id)) == 45
    assert db.load_archived(alice.id, 1, "c44")


def test_a_copy_of_another_row_or_key_does_not_open(alice: User) -> None:
    keep(alice)
    keep(alice, head=Head("c2"))
    first, second = ArchivedRow.select().order_by(ArchivedRow.id)
    ArchivedRow.update(head=first.head, body=first.body).where(
        ArchivedRow.id == second.id
    ).execute()
    assert [one.head.id for one in db.list_archived(alice.id)] == ["c1"]
    with pytest.raises(db.SealBrokenError):
        db.load_archived(alice.id, 1, "c2")
    ArchivedRow.update(head=Fernet(Fernet.generate_key()).encrypt(b"x").decode()).execute()
    assert db.list_archived(alice.id) == []
