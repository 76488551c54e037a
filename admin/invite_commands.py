"""What `serve.py invite` does on the command line; every function returns the text to print."""

import time
from datetime import UTC, datetime

import db
from admin.people_wishes import PeopleWishes, pool_names
from admin.user_commands import CommandError
from core.invite import Invite, parse_span
from core.user import UserRules, tidy_note

LASTS = "7d"


def make_invite(wishes: PeopleWishes, uses: int, stay: str, *, origin: str) -> str:
    """Make an invitation and show its link, once; `wishes.expires` is how long it is open."""
    try:
        invite, code = db.make_invite(
            time.time(),
            parse_span(wishes.expires or LASTS),
            uses,
            note=tidy_note(wishes.note or ""),
            user_seconds=parse_span(stay) if stay else None,
            rules=wishes.rules(UserRules()),
        )
    except ValueError as reason:
        raise CommandError(str(reason)) from None
    return "\n".join(
        [
            f"邀请链接 / invitation: {origin}/-/join?code={code}",
            f"邀请码 / code: {code}",
            _line(invite, time.time()),
            "只显示这一次 / shown only this once",
        ]
    )


def list_invites() -> str:
    """Every invitation, one a line."""
    now = time.time()
    return "\n".join(_line(one, now) for one in db.load_invites()) or "没有邀请 / no invitations"


def end_invite(number: str) -> str:
    """Nobody comes by it any more; those who have come stay."""
    if not (number.isdecimal() and db.end_invite(int(number[:9]))):
        raise CommandError(f"没有这个邀请 / there is no invitation {number}")
    return f"已作废 / void: {number}"


def _line(invite: Invite, now: float) -> str:
    state = "open" if invite.is_open(now) else "over"
    until = datetime.fromtimestamp(invite.expires_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    rules = invite.rules
    told = [
        ("day-limit", rules.day_limit),
        ("month-limit", rules.month_limit),
        ("modes", " ".join(rules.modes)),
        ("pools", ", ".join(pool_names(rules.pools))),
    ]
    shown = "".join(f"  {name} {value}" for name, value in told if value not in (None, ""))
    count = f"used {invite.used}/{invite.used + invite.uses_left}"
    return f"{invite.id:>3}  {state}  {count}  until {until}{shown}  {invite.note}".rstrip()
