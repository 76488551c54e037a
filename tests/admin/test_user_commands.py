"""What `serve.py user …` and `serve.py import` print."""

import re
import time

import pytest

import db
from admin import user_commands as commands
from admin.people_wishes import PeopleWishes
from core.settings import Settings
from tests.admin.conftest import ORIGIN


def test_a_user_with_a_made_password_and_a_link(settings: Settings) -> None:
    shown = commands.add_user("Alice", origin=ORIGIN)
    password = re.search(r"password: (\S+)", shown)
    link = re.search(rf"{ORIGIN}/-/link/(\S+)", shown)
    assert password
    assert db.check_password("alice", password[1], time.time())
    assert link
    assert db.use_link(link[1], time.time())


def test_a_given_password_is_not_printed(settings: Settings) -> None:
    assert "given password" not in commands.add_user("bob", "given password", origin=ORIGIN)
    assert db.check_password("bob", "given password", time.time())


def test_mistakes_are_sentences(settings: Settings) -> None:
    commands.add_user("alice", "x", origin=ORIGIN)
    with pytest.raises(commands.CommandError, match="already"):
        commands.add_user("ALICE", "x", origin=ORIGIN)
    with pytest.raises(commands.CommandError, match="用户名"):
        commands.add_user("a b", "x", origin=ORIGIN)
    with pytest.raises(commands.CommandError, match="no user"):
        commands.link("nobody", 60, origin=ORIGIN)


def test_list_disable_enable(settings: Settings) -> None:
    assert "no users" in commands.list_users()
    commands.add_user("alice", "x", origin=ORIGIN)
    db.ensure_user("bobby")
    assert commands.disable("ALICE").endswith("alice")
    assert commands.list_users().splitlines() == ["alice  off  password", "bobby  on   link only"]
    commands.enable("alice")
    commands.set_password("alice", "y")
    assert db.check_password("alice", "y", time.time())


def test_what_a_user_may_have_is_set_and_shown(settings: Settings) -> None:
    db.add_pool("vip")
    commands.add_user("alice", "x", PeopleWishes(day_limit="5", note="new"), origin=ORIGIN)
    wishes = PeopleWishes(
        expires="30d", month_limit="900", modes="fast,auto", pools="VIP", note="a  note"
    )
    shown = commands.set_user("alice", wishes)
    for told in ("0 / 5", "0 / 900", "fast auto", "vip", "a note", "UTC"):
        assert told in shown
    all_again = PeopleWishes(
        expires="never", day_limit="none", month_limit="none", modes="all", pools="all"
    )
    shown = commands.set_user("alice", all_again)
    assert "0 / ∞" in shown
    assert "pools: all" in shown
    assert "a note" in shown, "what is not named stays"


@pytest.mark.parametrize(
    ("wishes", "problem"),
    [
        (PeopleWishes(day_limit="many"), "not a number"),
        (PeopleWishes(modes="a;b"), "not a mode"),
        (PeopleWishes(pools="nope"), "no pool 'nope'"),
        (PeopleWishes(expires="soon"), "not a time"),
    ],
)
def test_rules_that_make_no_sense_change_nothing(
    settings: Settings, wishes: PeopleWishes, problem: str
) -> None:
    commands.add_user("alice", "x", origin=ORIGIN)
    before = db.find_user("alice")
    with pytest.raises(commands.CommandError, match=problem):
        commands.set_user("alice", wishes)
    assert db.find_user("alice") == before


def test_deleting_says_what_goes(settings: Settings) -> None:
    commands.add_user("alice", "x", origin=ORIGIN)
    said = commands.what_goes("alice")
    assert "0 API keys" in said
    assert "private" not in said
    assert "alice" in commands.delete("alice")
    with pytest.raises(commands.CommandError, match="no user"):
        commands.show("alice")


def test_a_link_for_several_uses_says_so(settings: Settings) -> None:
    commands.add_user("alice", "x", origin=ORIGIN)
    assert "3 uses" in commands.link("alice", 60.0, 3, origin=ORIGIN)
