"""Objects belong to whoever brought them first, on their account."""

import pytest

import db
from core.sso_token import PastedAccount
from db.tables import AccountRow


def account(token="t" * 30):
    return db.add_account(PastedAccount(sso_token=token), name="a").id


def owned(account_id, object_id="c-1", owner="user:1", kind="conversation"):
    return db.Owned(account_id, kind, object_id, owner)


@pytest.fixture
def number(opened):
    return account()


def test_what_a_caller_made_is_his(number):
    db.record_ownership([owned(number, owner="key:1")])
    assert db.find_owned("conversation", "c-1") == owned(number, owner="key:1")
    assert db.owners_of(number, ["c-1", "c-2"]) == {("conversation", "c-1"): "key:1"}


def test_the_first_owner_stays(number):
    db.record_ownership([owned(number, owner="env")])
    db.record_ownership([owned(number, owner="user:2"), owned(number, "c-2", owner="user:2")])
    assert db.owners_of(number, ["c-1", "c-2"]) == {
        ("conversation", "c-1"): "env",
        ("conversation", "c-2"): "user:2",
    }


def test_what_nobody_made_is_nobodys(number):
    db.record_ownership([owned(number)])
    assert db.find_owned("response", "c-1") is None
    assert db.find_owned("conversation", "c-2") is None
    assert db.owners_of(account("u" * 30), ["c-1"]) == {}, "on another account"


def test_many_are_written_and_found_at_once(number):
    many = [owned(number, f"c-{count}") for count in range(1000)]
    db.record_ownership(many)
    assert len(db.owners_of(number, [item.object_id for item in many])) == 1000
    assert db.owned_by("user:1", number, "conversation") == sorted(
        many, key=lambda item: item.object_id
    )
    assert db.owned_by("user:1", number, "file") == []


def test_an_account_that_is_gone_does_not_hold_the_others_up(number):
    gone = account("g" * 30)
    AccountRow.delete().where(AccountRow.id == gone).execute()
    db.record_ownership([owned(gone), owned(number, "c-2")])
    assert db.owned_by("user:1") == [owned(number, "c-2")]


def test_what_belonged_to_a_user_who_is_gone_is_nobodys(number):
    db.record_ownership([owned(number), owned(number, "c-2", owner="user:2")])
    db.forget_owner("user:1")
    assert db.find_owned("conversation", "c-1") is None
    assert db.find_owned("conversation", "c-2")
