"""Pools of accounts: made, filled, emptied; who is tied to which."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import batched
from typing import Any

from peewee import IntegrityError

from core.pools import Pool, pool_name
from db.connection import call, changing
from db.tables import (
    AccountRow,
    ApiKeyRow,
    InvitePoolRow,
    KeyPoolRow,
    PoolAccountRow,
    PoolRow,
    UserPoolRow,
    UserRow,
)

_AT_ONCE = 400


class PoolExistsError(ValueError):
    """There is a pool of this name already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUses:
    """Who is tied to a pool: names of users and API keys, and how many open invitations."""

    users: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    invites: int = 0

    def __bool__(self) -> bool:
        return bool(self.users or self.keys or self.invites)


class PoolInUseError(ValueError):
    """Deleting it would lift what binds these: they would reach every account."""

    def __init__(self, uses: PoolUses) -> None:
        super().__init__("the pool is in use")
        self.uses = uses


@call
def add_pool(name: str, note: str = "") -> Pool:
    """Make a pool; PoolNameError, PoolExistsError."""
    wanted = pool_name(name)
    if _named(wanted):
        raise PoolExistsError(wanted)
    try:
        with changing():
            row = PoolRow.create(name=wanted, note=note, created_at=time.time())
    except IntegrityError:
        raise PoolExistsError(wanted) from None
    return _value(row)


@call
def change_pool(pool_id: int, *, name: str, note: str) -> None:
    """Call it something else; PoolNameError, PoolExistsError."""
    wanted = pool_name(name)
    known = _named(wanted)
    if known and known.id != pool_id:
        raise PoolExistsError(wanted)
    with changing():
        PoolRow.update(name=wanted, note=note).where(PoolRow.id == pool_id).execute()


@call
def load_pools() -> list[Pool]:
    """Every pool, by name."""
    return [_value(row) for row in PoolRow.select().order_by(PoolRow.name)]


@call
def find_pool(name: str) -> Pool | None:
    """The pool of this name, however it is capitalised."""
    row = _named(name)
    return None if row is None else _value(row)


@call
def pool_members() -> dict[int, frozenset[int]]:
    """The accounts in each pool that has some; deleted ones are in none."""
    members: dict[int, set[int]] = defaultdict(set)
    rows: Any = PoolAccountRow.select(PoolAccountRow.pool_id, PoolAccountRow.account_id).join(
        AccountRow, on=(AccountRow.id == PoolAccountRow.account_id)
    )
    for pool_id, account_id in rows.where(AccountRow.deleted_at.is_null()).tuples():
        members[pool_id].add(account_id)
    return {pool_id: frozenset(ids) for pool_id, ids in members.items()}


@call
def put_in_pool(pool_id: int, account_ids: Iterable[int]) -> int:
    """Put accounts into a pool, whatever others they are in; how many were not in it before."""
    added = 0
    with changing():
        known = {row.account_id for row in _members(pool_id)}
        for some in batched(set(account_ids) - known, _AT_ONCE):
            there = [row.id for row in AccountRow.select(AccountRow.id).where(_is_one_of(some))]
            rows = [{"pool_id": pool_id, "account_id": account_id} for account_id in there]
            if rows:
                PoolAccountRow.insert_many(rows).execute()
            added += len(rows)
    return added


@call
def take_from_pool(pool_id: int, account_ids: Iterable[int]) -> int:
    """Take accounts out of a pool; how many were in it."""
    taken = 0
    with changing():
        for some in batched(account_ids, _AT_ONCE):
            inside = (PoolAccountRow.pool_id == pool_id) & PoolAccountRow.account_id.in_(some)
            taken += PoolAccountRow.delete().where(inside).execute()
    return taken


@call
def pool_uses(pool_id: int) -> PoolUses:
    """Who is tied to it."""
    return _uses(pool_id)


@call
def delete_pool(pool_id: int, *, heir: int | None = None) -> None:
    """Forget a pool; those tied to it are tied to `heir` instead, without one PoolInUseError."""
    with changing():
        if heir is None and (uses := _uses(pool_id)):
            raise PoolInUseError(uses)
        for table in (UserPoolRow, KeyPoolRow, InvitePoolRow):
            _hand_over(table, pool_id, heir)
        PoolRow.delete().where(PoolRow.id == pool_id).execute()


def _hand_over(table: Any, pool_id: int, heir: int | None) -> None:  # noqa: ANN401  a model
    tied = list(table.select().where(table.pool_id == pool_id).dicts())
    table.delete().where(table.pool_id == pool_id).execute()
    for row in tied if heir is not None else ():
        table.insert(**{**row, "pool_id": heir}).on_conflict_ignore().execute()


def _uses(pool_id: int) -> PoolUses:
    users: Any = UserRow.select(UserRow.display_name).join(
        UserPoolRow, on=(UserPoolRow.user_id == UserRow.id)
    )
    keys: Any = ApiKeyRow.select(ApiKeyRow.name).join(
        KeyPoolRow, on=(KeyPoolRow.key_id == ApiKeyRow.id)
    )
    of_user, of_key = UserPoolRow.pool_id == pool_id, KeyPoolRow.pool_id == pool_id
    return PoolUses(
        users=tuple(row.display_name for row in users.where(of_user).order_by(UserRow.id)),
        keys=tuple(row.name for row in keys.where(of_key).order_by(ApiKeyRow.id)),
        invites=InvitePoolRow.select().where(InvitePoolRow.pool_id == pool_id).count(),
    )


def _named(name: str) -> PoolRow | None:
    wanted = " ".join(name.split()).casefold()
    rows: Iterable[PoolRow] = PoolRow.select()
    return next((row for row in rows if row.name.casefold() == wanted), None)


def _members(pool_id: int) -> Any:  # noqa: ANN401  a peewee query
    return PoolAccountRow.select().where(PoolAccountRow.pool_id == pool_id)


def _is_one_of(ids: Iterable[int]) -> Any:  # noqa: ANN401  a peewee expression
    return AccountRow.id.in_(list(ids)) & AccountRow.deleted_at.is_null()


def _value(row: PoolRow) -> Pool:
    return Pool(id=row.id, name=row.name, note=row.note, created_at=row.created_at)
