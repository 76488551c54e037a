"""What `serve.py pool …` prints."""

from collections.abc import Callable

import pytest

import db
from admin import pool_commands as commands
from admin.user_commands import CommandError
from core.settings import Settings
from core.user import UserRules


def test_a_pool_from_its_making_to_its_end(settings: Settings, add_car: Callable[..., int]) -> None:
    assert commands.list_pools() == "没有号池 / no pools"
    commands.add_pool("vip", "the good ones")
    gold, other = add_car(1, name="gold"), add_car(2, name="other")
    db.change_accounts([other], tags="eu")
    assert "1" in commands.put("VIP", ["gold"], None)
    assert "1" in commands.put("vip", [str(gold)], "eu")
    assert "accounts 2  —  the good ones" in commands.list_pools()
    assert "1" in commands.take("vip", [], "eu")
    db.add_user("Alice", rules=UserRules(pools=frozenset({db.find_pool("vip").id})))
    with pytest.raises(CommandError, match="users Alice"):
        commands.delete_pool("vip", None)
    commands.add_pool("rest", "")
    commands.delete_pool("vip", "rest")
    assert "users Alice" in commands.list_pools()


@pytest.mark.parametrize(
    ("accounts", "tag", "problem"),
    [
        (["nope"], None, "no such account"),
        (["twin"], None, "several accounts"),
        ([], None, "name some accounts"),
        ([], "nope", "no account has the tag"),
    ],
)
def test_accounts_that_cannot_be_meant(
    settings: Settings,
    add_car: Callable[..., int],
    accounts: list[str],
    tag: str | None,
    problem: str,
) -> None:
    commands.add_pool("vip", "")
    for number in (1, 2):
        add_car(number, name="twin")
    with pytest.raises(CommandError, match=problem):
        commands.put("vip", accounts, tag)
    with pytest.raises(ValueError, match="no pool"):
        commands.put("other", ["twin"], None)
