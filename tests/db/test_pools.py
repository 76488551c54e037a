"""Pools: which accounts are in them, and what deleting one would do."""

import pytest

import db
from core.settings import Settings
from core.sso_token import parse_pasted
from core.user import UserRules

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiYSJ9.c2lnbmF0dXJlsecret%04d"


@pytest.fixture
def accounts(opened: Settings) -> list[int]:
    return [db.add_account(parse_pasted(TOKEN % number)).id for number in range(3)]


def test_an_account_is_in_as_many_pools_as_one_likes(accounts: list[int]) -> None:
    a, b = db.add_pool("a", "for all"), db.add_pool("B")
    assert db.put_in_pool(a.id, accounts) == 3
    assert db.put_in_pool(a.id, accounts) == 0
    assert db.put_in_pool(b.id, [accounts[0], 999]) == 1
    assert db.pool_members() == {a.id: frozenset(accounts), b.id: frozenset({accounts[0]})}
    assert db.take_from_pool(a.id, accounts[1:]) == 2
    assert db.pool_members()[a.id] == {accounts[0]}


def test_a_deleted_account_is_in_no_pool(accounts: list[int]) -> None:
    pool = db.add_pool("a")
    db.put_in_pool(pool.id, accounts)
    db.delete_accounts(accounts[:1], 1.0)
    assert db.pool_members() == {pool.id: frozenset(accounts[1:])}


def test_names_are_told_apart_whatever_their_letters(opened: Settings) -> None:
    pool = db.add_pool("VIP")
    with pytest.raises(db.PoolExistsError):
        db.add_pool(" vip ")
    other = db.add_pool("free")
    with pytest.raises(db.PoolExistsError):
        db.change_pool(other.id, name="vip", note="")
    db.change_pool(pool.id, name="vip", note="spelt otherwise")
    assert db.find_pool("Vip").note == "spelt otherwise"


def test_a_pool_in_use_is_not_deleted_without_an_heir(accounts: list[int]) -> None:
    old, new = db.add_pool("old"), db.add_pool("new")
    alice = db.add_user("Alice", rules=UserRules(pools=frozenset({old.id})))
    bob = db.add_user("bob", rules=UserRules(pools=frozenset({old.id, new.id})))
    with pytest.raises(db.PoolInUseError) as caught:
        db.delete_pool(old.id)
    assert caught.value.uses.users == ("Alice", "bob")
    assert db.load_user(alice.id).rules.pools == {old.id}
    db.delete_pool(old.id, heir=new.id)
    assert {db.load_user(user.id).rules.pools for user in (alice, bob)} == {frozenset({new.id})}
    assert [pool.name for pool in db.load_pools()] == ["new"]


def test_accounts_are_found_by_a_whole_tag(accounts: list[int]) -> None:
    db.change_accounts(accounts[:1], tags="gold eu")
    db.change_accounts(accounts[1:], tags="golden")
    assert db.accounts_tagged("GOLD") == accounts[:1]
    assert db.accounts_tagged("none") == []
