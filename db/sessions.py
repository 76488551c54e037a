"""Mirror sessions and one-time sign-in links: random secrets outside, their hashes inside."""

import secrets
from typing import Any

from peewee import Case, fn

from core.mirror_session import IDLE_SECONDS, LIFE_SECONDS, MirrorSession, is_alive, secret_hash
from core.user import User
from db.connection import call, changing, writing
from db.tables import LinkRow, SessionRow, UserRow
from db.users import user_value


@call
def start_session(user_id: int, now: float, user_agent: str = "") -> str:
    """Sign the user in; the cookie value is returned here and nowhere else."""
    cookie_value = secrets.token_urlsafe(32)
    with changing():
        SessionRow.delete().where(SessionRow.expires_at <= now).execute()
        SessionRow.create(
            token_hash=secret_hash(cookie_value),
            user_id=user_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + LIFE_SECONDS,
            user_agent=user_agent[:60],
        )
    return cookie_value


@call
def find_session(cookie_value: str, now: float) -> MirrorSession | None:
    """The living mirror session of this cookie; None also when its user is shut out."""
    return _living(SessionRow.token_hash == secret_hash(cookie_value), now)


@call
def load_session(session_id: int, now: float) -> MirrorSession | None:
    """The same, by the id of the row."""
    return _living(SessionRow.id == session_id, now)


@call
def touch_session(session_id: int, now: float) -> None:
    """Remember that the session is in use; ask `needs_touch` first."""
    older = (SessionRow.id == session_id) & (SessionRow.last_seen_at < now)
    SessionRow.update(last_seen_at=now).where(older).execute()


@call
def sessions_of(user_id: int, now: float) -> list[MirrorSession]:
    """The user's living sessions, the most recently used first."""
    rows = _joined().where(SessionRow.user_id == user_id).order_by(SessionRow.last_seen_at.desc())
    return [session for session in map(_value, rows) if is_alive(session, now)]


@call
def count_sessions_by_user(now: float) -> dict[int, int]:
    """How many browsers each user is signed in with."""
    living = (SessionRow.expires_at > now) & (SessionRow.last_seen_at >= now - IDLE_SECONDS)
    rows: Any = SessionRow.select(SessionRow.user_id, fn.COUNT(SessionRow.id)).where(living)
    return dict(rows.group_by(SessionRow.user_id).tuples())


@call
def end_session(session_id: int, user_id: int) -> bool:
    """Sign one browser of this user out; False when it is not his."""
    his = (SessionRow.id == session_id) & (SessionRow.user_id == user_id)
    with changing():
        return bool(SessionRow.delete().where(his).execute())


@call
def end_sessions_of(user_id: int) -> int:
    """Sign the user out everywhere."""
    with changing():
        return int(SessionRow.delete().where(SessionRow.user_id == user_id).execute())


@call
def make_link(user_id: int, now: float, seconds: float, uses: int = 1) -> str:
    """A secret that signs the user in so many times, within so many seconds."""
    token = secrets.token_urlsafe(32)
    with writing():
        LinkRow.delete().where(LinkRow.expires_at < now - 86_400).execute()
        LinkRow.create(
            token_hash=secret_hash(token),
            user_id=user_id,
            expires_at=now + seconds,
            uses_left=uses,
        )
    return token


@call
def find_link(token: str, now: float) -> User | None:
    """Whom an unused link would sign in."""
    return _link_user(LinkRow.get_or_none(_usable(token, now)), now)


@call
def use_link(token: str, now: float) -> User | None:
    """Use the link once; of two who try its last use at once only one gets the user."""
    usable = _usable(token, now)
    user = _link_user(LinkRow.get_or_none(usable), now)
    if user is None:
        return None
    last = Case(None, [(LinkRow.uses_left <= 1, now)], None)
    taken = LinkRow.update(uses_left=LinkRow.uses_left - 1, used_at=last).where(usable)
    return user if taken.execute() == 1 else None


@call
def forget_links(user_id: int) -> int:
    """No link made for this user so far signs anybody in."""
    return int(LinkRow.delete().where(LinkRow.user_id == user_id).execute())


def _usable(token: str, now: float) -> Any:  # noqa: ANN401  a peewee expression
    unused = LinkRow.used_at.is_null() & (LinkRow.uses_left > 0) & (LinkRow.expires_at > now)
    return (LinkRow.token_hash == secret_hash(token)) & unused


def _link_user(row: LinkRow | None, now: float) -> User | None:
    owner = None if row is None else UserRow.get_or_none(UserRow.id == row.user_id)
    user = None if owner is None else user_value(owner)
    return user if user is not None and user.may_sign_in(now) else None


def _living(condition: Any, now: float) -> MirrorSession | None:  # noqa: ANN401  peewee
    row = _joined().where(condition).where(UserRow.enabled).first()
    if row is None or (row["user_ends"] is not None and row["user_ends"] <= now):
        return None
    session = _value(row)
    return session if is_alive(session, now) else None


def _joined() -> Any:  # noqa: ANN401  a peewee query of dicts
    return (
        SessionRow.select(
            SessionRow,
            UserRow.name.alias("user_name"),
            UserRow.display_name,
            UserRow.account_id,
            UserRow.account_chosen,
            UserRow.expires_at.alias("user_ends"),
        )
        .join(UserRow, on=(SessionRow.user_id == UserRow.id))
        .dicts()
    )


def _value(row: dict[str, Any]) -> MirrorSession:
    unwanted = ("token_hash", "user_ends")
    return MirrorSession(**{name: value for name, value in row.items() if name not in unwanted})
