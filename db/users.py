"""Users: made, found, told apart by the normal form of their name."""

import time
from typing import Any

from peewee import IntegrityError, fn

from core.user import User
from core.user_name import normal_form, shown_form
from db.connection import call, changing
from db.passwords import hash_password, verify_password
from db.tables import SessionRow, UserRow


class UserExistsError(ValueError):
    """There is a user of this name already."""


@call
def add_user(name: str, password: str | None = None, *, expires_at: float | None = None) -> User:
    """Make a user; UserNameError for a bad name, UserExistsError for a taken one."""
    normal = normal_form(name)
    digest = None if password is None else hash_password(password)
    try:
        with changing():
            row = UserRow.create(
                name=normal,
                display_name=shown_form(name),
                password_hash=digest,
                created_at=time.time(),
                expires_at=expires_at,
            )
    except IntegrityError:
        raise UserExistsError(normal) from None
    return _value(row)


@call
def ensure_user(name: str) -> User:
    """The user of this name, made when there is none."""
    try:
        return add_user(name)
    except UserExistsError:
        return _value(UserRow.get(UserRow.name == normal_form(name)))


@call
def find_user(name: str) -> User | None:
    """The user a typed name means; UserNameError when it can mean none."""
    row = UserRow.get_or_none(UserRow.name == normal_form(name))
    return None if row is None else _value(row)


@call
def load_user(user_id: int) -> User | None:
    """One user, or None when there is none of this id."""
    row = UserRow.get_or_none(UserRow.id == user_id)
    return None if row is None else _value(row)


@call
def load_users() -> list[User]:
    """Every user, oldest first."""
    return [_value(row) for row in UserRow.select().order_by(UserRow.id)]


@call
def check_password(name: str, password: str, now: float) -> User | None:
    """The user, if the password is his and he may sign in; takes as long when there is no user."""
    row = UserRow.get_or_none(UserRow.name == name)
    fits = verify_password(None if row is None else row.password_hash, password)
    if row is None or not fits:
        return None
    user = _value(row)
    return user if user.may_sign_in(now) else None


@call
def set_password(user_id: int, password: str) -> None:
    """Give the user a new password; his mirror sessions end."""
    digest = hash_password(password)
    with changing():
        UserRow.update(password_hash=digest).where(UserRow.id == user_id).execute()
        SessionRow.delete().where(SessionRow.user_id == user_id).execute()


@call
def set_user_enabled(user_id: int, *, enabled: bool) -> None:
    """Let the user in or shut him out at once."""
    with changing():
        UserRow.update(enabled=enabled).where(UserRow.id == user_id).execute()
        if not enabled:
            SessionRow.delete().where(SessionRow.user_id == user_id).execute()


@call
def assign_account(user_id: int, account_id: int | None, *, chosen: bool = False) -> None:
    """Tie the user to an account; `chosen` when he picked it himself, None to let the pool pick."""
    with changing():
        UserRow.update(account_id=account_id, account_chosen=chosen).where(
            UserRow.id == user_id
        ).execute()


@call
def count_users_by_account() -> dict[int, int]:
    """How many enabled users each account has."""
    tied = UserRow.account_id.is_null(False) & UserRow.enabled
    rows: Any = UserRow.select(UserRow.account_id, fn.COUNT(UserRow.id)).where(tied)
    return dict(rows.group_by(UserRow.account_id).tuples())


def _value(row: UserRow) -> User:
    return User(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        has_password=row.password_hash is not None,
        enabled=row.enabled,
        account_id=row.account_id,
        account_chosen=row.account_chosen,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
