"""Guests: users nobody has made, one for each browser that wished to look around."""

import secrets

from core.user import User, UserRules
from db.connection import call, changing
from db.tables import SessionRow, UserRow
from db.users import create_user, delete_user


@call
def add_guest(rules: UserRules) -> User:
    """A guest with a name nobody else has."""
    with changing():
        return create_user(f"guest-{secrets.token_hex(5)}", None, rules=rules, is_guest=True)


@call
def purge_guests(idle_since: float) -> int:
    """Forget guests who came before this moment and have not been here since."""
    seen = SessionRow.select(SessionRow.user_id).where(SessionRow.last_seen_at >= idle_since)
    idle = UserRow.select(UserRow.id).where(
        UserRow.is_guest & (UserRow.created_at < idle_since) & UserRow.id.not_in(seen)
    )
    ids = [row.id for row in idle]
    return sum(bool(delete_user(user_id)) for user_id in ids)


@call
def end_guest_sessions() -> int:
    """Sign every guest out: there is no guest mode any more."""
    guests = UserRow.select(UserRow.id).where(UserRow.is_guest)
    of_guests = SessionRow.user_id.in_(guests)
    if not SessionRow.select().where(of_guests).exists():
        return 0
    with changing():
        return int(SessionRow.delete().where(of_guests).execute())
