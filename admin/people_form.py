"""What a form of the console says about a user, or about those who come by an invitation."""

from datetime import UTC, datetime

from flask import request

import db
from admin.people_wishes import PeopleWishes

KNOWN_MODES = ("auto", "fast", "expert", "heavy", "build")


def wishes_of_form(expires_at: float | None = None) -> PeopleWishes:
    """Every field; an end that was left as it was shown stays to the second."""
    form = request.form
    expires = form.get("expires", "").strip()
    pools = {str(pool.id): pool.name for pool in db.load_pools()}
    chosen = [pools[number] for number in form.getlist("pool") if number in pools]
    return PeopleWishes(
        expires=None if expires == shown_end(expires_at) else expires,
        day_limit=form.get("day_limit", ""),
        month_limit=form.get("month_limit", ""),
        modes=",".join(form.getlist("mode")),
        pools=",".join(chosen),
        note=form.get("note", ""),
    )


def shown_end(expires_at: float | None) -> str:
    """The day, as the field shows it."""
    if expires_at is None:
        return ""
    return datetime.fromtimestamp(expires_at, UTC).strftime("%Y-%m-%d")
