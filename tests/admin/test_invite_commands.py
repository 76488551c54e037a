"""What `serve.py invite …` prints."""

import re
import time

import pytest

import db
from admin import invite_commands as commands
from admin.people_wishes import PeopleWishes
from admin.user_commands import CommandError
from core.settings import Settings
from tests.admin.conftest import ORIGIN


def test_an_invitation_from_its_making_to_its_end(settings: Settings) -> None:
    assert "no invitations" in commands.list_invites()
    db.add_pool("vip")
    wishes = PeopleWishes(expires="2d", day_limit="9", modes="fast", pools="vip", note="team")
    shown = commands.make_invite(wishes, 5, "30d", origin=ORIGIN)
    code = re.search(rf"{ORIGIN}/-/join\?code=(\S+)", shown)
    assert code
    assert db.find_invite(code[1], time.time())
    listed = commands.list_invites()
    for told in ("used 0/5", "day-limit 9", "modes fast", "pools vip", "team", "open"):
        assert told in listed
    assert code[1] not in listed
    (invite,) = db.load_invites()
    assert "void" in commands.end_invite(str(invite.id))
    for number in (str(invite.id), "x"):
        with pytest.raises(CommandError, match="no invitation"):
            commands.end_invite(number)


def test_mistakes_are_sentences(settings: Settings) -> None:
    for wishes, stay in (
        (PeopleWishes(expires="soon"), ""),
        (PeopleWishes(), "x"),
        (PeopleWishes(pools="nope"), ""),
    ):
        with pytest.raises(CommandError):
            commands.make_invite(wishes, 1, stay, origin=ORIGIN)
    assert db.load_invites() == []
