"""Users: made, found, told apart by the normal form of their name."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import IntegrityError, fn

from core.user import User, UserRules, caller_name
from core.user_name import normal_form, shown_form
from db.connection import call, changing
from db.passwords import hash_password, verify_password
from db.tables import (
    AccountRow,
    ApiKeyRow,
    LinkRow,
    OwnedRow,
    SessionRow,
    UserPoolRow,
    UserRow,
)


class UserExistsError(ValueError):
    """There is a user of this name already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTraces:
    """What hangs on a user, and goes when he is deleted."""

    sessions: int
    keys: int
    objects: int
    """Conversations, files and so on that are his; they stay in Grok and are nobody's after."""
    private_accounts: tuple[str, ...]
    """Names; they are switched off, so that nobody else gets what is in them."""


@call
def add_user(
    name: str,
    password: str | None = None,
    *,
    expires_at: float | None = None,
    note: str = "",
    rules: UserRules | None = None,
    is_guest: bool = False,
) -> User:
    """Make a user; UserNameError for a bad name, UserExistsError for a taken one."""
    digest = None if password is None else hash_password(password)
    with changing():
        return create_user(
            name, digest, expires_at=expires_at, note=note, rules=rules, is_guest=is_guest
        )


@call
def ensure_user(name: str) -> User:
    """The user of this name, made when there is none."""
    try:
        return add_user(name)
    except UserExistsError:
        return user_value(UserRow.get(UserRow.name == normal_form(name)))


@call
def find_user(name: str) -> User | None:
    """The user a typed name means; UserNameError when it can mean none."""
    row = UserRow.get_or_none(UserRow.name == normal_form(name))
    return None if row is None else user_value(row)


@call
def load_user(user_id: int) -> User | None:
    """One user, or None when there is none of this id."""
    row = UserRow.get_or_none(UserRow.id == user_id)
    return None if row is None else user_value(row)


@call
def load_users() -> list[User]:
    """Every user, oldest first."""
    pools = _pools_of_all()
    rows = UserRow.select().order_by(UserRow.id)
    return [user_value(row, pools.get(row.id, ())) for row in rows]


@call
def check_password(name: str, password: str, now: float) -> User | None:
    """The user, if the password is his and he may sign in; takes as long when there is no user."""
    row = UserRow.get_or_none(UserRow.name == name)
    fits = verify_password(None if row is None else row.password_hash, password)
    if row is None or not fits:
        return None
    user = user_value(row)
    return user if user.may_sign_in(now) else None


@call
def set_password(user_id: int, password: str) -> None:
    """Give the user a new password; his mirror sessions end, and links made for him are dead."""
    digest = hash_password(password)
    with changing():
        UserRow.update(password_hash=digest).where(UserRow.id == user_id).execute()
        SessionRow.delete().where(SessionRow.user_id == user_id).execute()
        LinkRow.delete().where(LinkRow.user_id == user_id).execute()


@call
def set_user_enabled(user_id: int, *, enabled: bool) -> None:
    """Let the user in or shut him out at once."""
    with changing():
        UserRow.update(enabled=enabled).where(UserRow.id == user_id).execute()
        if not enabled:
            SessionRow.delete().where(SessionRow.user_id == user_id).execute()


@call
def change_user(user_id: int, *, note: str, expires_at: float | None, rules: UserRules) -> None:
    """What the operator decides about a user, all of it at once."""
    with changing():
        UserRow.update(note=note, expires_at=expires_at).where(UserRow.id == user_id).execute()
        _write_rules(user_id, rules)


@call
def user_traces(user_id: int) -> UserTraces:
    """What would go with him."""
    private = AccountRow.select().where(AccountRow.private_to == user_id)
    return UserTraces(
        sessions=SessionRow.select().where(SessionRow.user_id == user_id).count(),
        keys=ApiKeyRow.select().where(ApiKeyRow.user_id == user_id).count(),
        objects=OwnedRow.select().where(OwnedRow.owner.in_(_names(user_id))).count(),
        private_accounts=tuple(row.name for row in private.order_by(AccountRow.id)),
    )


@call
def delete_user(user_id: int) -> bool:
    """Forget a user with all that `user_traces` tells; False when there is none of this id."""
    with changing():
        AccountRow.update(private_to=None, enabled=False).where(
            AccountRow.private_to == user_id
        ).execute()
        OwnedRow.delete().where(OwnedRow.owner.in_(_names(user_id))).execute()
        return bool(UserRow.delete().where(UserRow.id == user_id).execute())


def _names(user_id: int) -> list[str]:
    """What he is called as an owner, by browser and by his keys."""
    keys = ApiKeyRow.select(ApiKeyRow.id).where(ApiKeyRow.user_id == user_id)
    return [caller_name(user_id), *(f"key:{key.id}" for key in keys)]


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


def create_user(
    name: str,
    digest: str | None,
    *,
    expires_at: float | None = None,
    note: str = "",
    rules: UserRules | None = None,
    is_guest: bool = False,
) -> User:
    """Within whatever transaction is open, which ends with what this raises."""
    normal = normal_form(name)
    if UserRow.select().where(UserRow.name == normal).exists():
        raise UserExistsError(normal)
    try:
        row = UserRow.create(
            name=normal,
            display_name=shown_form(name),
            password_hash=digest,
            created_at=time.time(),
            expires_at=expires_at,
            note=note,
            is_guest=is_guest,
        )
    except IntegrityError:
        raise UserExistsError(normal) from None
    if rules:
        _write_rules(row.id, rules)
    return user_value(UserRow.get_by_id(row.id))


def user_value(row: UserRow, pools: Iterable[int] | None = None) -> User:
    """The row as everybody else sees it."""
    if pools is None:
        found = UserPoolRow.select().where(UserPoolRow.user_id == row.id)
        pools = [one.pool_id for one in found]
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
        note=row.note,
        is_guest=row.is_guest,
        rules=UserRules(
            modes=tuple(row.modes.split()),
            day_limit=row.day_limit,
            month_limit=row.month_limit,
            pools=frozenset(pools),
        ),
    )


def _pools_of_all() -> dict[int, list[int]]:
    pools: dict[int, list[int]] = defaultdict(list)
    for row in UserPoolRow.select():
        pools[row.user_id].append(row.pool_id)
    return pools


def _write_rules(user_id: int, rules: UserRules) -> None:
    UserRow.update(
        modes=" ".join(rules.modes), day_limit=rules.day_limit, month_limit=rules.month_limit
    ).where(UserRow.id == user_id).execute()
    UserPoolRow.delete().where(UserPoolRow.user_id == user_id).execute()
    for pool_id in sorted(rules.pools):
        UserPoolRow.create(user_id=user_id, pool_id=pool_id)
