"""The links that lead users in: how long and how often each works is the operator's choice."""

import time

from flask import request

import db
from admin.mirror_address import mirror_address
from admin.notices import Notice
from core.settings import Settings
from core.user import User

LIFETIMES = (3_600, 86_400, 7 * 86_400, 30 * 86_400)
USES = (1, 5, 25, 100)
DAY = 86_400


def sign_in_link(user: User, settings: Settings) -> Notice:
    """A new link, shown once; how long and how often it works is in the form."""
    seconds, uses = _chosen("seconds", LIFETIMES, DAY), _chosen("uses", USES, 1)
    token = db.make_link(user.id, time.time(), float(seconds), uses)
    values: dict[str, object] = {"name": user.display_name, "hours": seconds // 3600, "uses": uses}
    link = f"{mirror_address(settings)}/-/link/{token}"
    key = "user_link" if uses == 1 else "user_link_many"
    return Notice(tone="ok", key=key, values=values, secret=link)


def _chosen(name: str, offered: tuple[int, ...], default: int) -> int:
    said = request.form.get(name, "")
    return int(said) if said.isdecimal() and int(said[:9]) in offered else default
