"""What `serve.py user …` and `serve.py import` print."""

import re
import time

import pytest

import db
from admin import user_commands as commands
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
