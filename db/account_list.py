"""The operator's list of accounts: one page of it, how many there are of each kind, and changes
to many at once. Filters, order and counts are SQL over one index; only a page's secrets are opened.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

from peewee import Case, fn

from core.account import DEAD, Account, AccountStatus
from core.account_list import AccountQuery, AccountState, Sort
from db.accounts import account_value
from db.connection import call, changing
from db.tables import AccountRow, PoolAccountRow, UserRow

_AT_ONCE = 500
_DEAD = [status.value for status in DEAD]
_COLUMNS = {Sort.NAME: AccountRow.name, Sort.USED: AccountRow.last_used_at}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """A page, and the counts of the chips: they heed the search but not each other."""

    accounts: Sequence[Account]
    users: Mapping[int, int]
    total: int
    states: Mapping[AccountState, int] = field(default_factory=dict)
    tiers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Cell:
    state: AccountState
    tier: str
    number: int

    def fits(self, query: AccountQuery) -> bool:
        if query.state is None:
            fits = self.state is not AccountState.DELETED
        else:
            fits = self.state is query.state
        return fits and query.tier in ("", self.tier)


@call
def list_accounts(query: AccountQuery, now: float) -> AccountPage:
    """One page of the accounts that are asked for."""
    cells = _count_cells(_searched(query), now)
    total = sum(cell.number for cell in cells if cell.fits(query))
    ids = _page_of_ids(query, total, now)
    shown = [cell for cell in cells if cell.state is not AccountState.DELETED]
    return AccountPage(
        accounts=_in_order(ids),
        users=_users_of(ids),
        total=total,
        states=_summed((cell.state, cell.number) for cell in cells),
        tiers=_summed((cell.tier, cell.number) for cell in shown),
    )


@call
def count_account_states(now: float) -> Mapping[AccountState, int]:
    """How many accounts there are in each state."""
    return _summed((cell.state, cell.number) for cell in _count_cells([], now))


@call
def account_milestones() -> tuple[bool, bool]:
    """Whether any account was ever found well by a test, and any ever used."""
    tested = AccountRow.select().where(AccountRow.verdict == "ok").limit(1).exists()
    used = AccountRow.select().where(AccountRow.last_used_at.is_null(False)).limit(1).exists()
    return tested, used


@call
def living_accounts(ids: Iterable[int]) -> set[int]:
    """Those of these accounts that may be asked at all, without opening a secret."""
    works = AccountRow.enabled & AccountRow.status.not_in(_DEAD)
    wanted = AccountRow.id.in_(list(ids)) & AccountRow.deleted_at.is_null() & works
    return {row.id for row in AccountRow.select(AccountRow.id).where(wanted)}


@call
def account_names(ids: Iterable[int]) -> dict[int, str]:
    """The names of these accounts, without opening a secret."""
    rows: Any = AccountRow.select(AccountRow.id, AccountRow.name).where(
        AccountRow.id.in_(list(ids)) & AccountRow.deleted_at.is_null()
    )
    return dict(rows.tuples())


@call
def accounts_tagged(tag: str) -> list[int]:
    """The ids of those that carry this tag."""
    wanted = tag.casefold()
    some = AccountRow.tags.contains(tag) & AccountRow.deleted_at.is_null()
    rows = AccountRow.select(AccountRow.id, AccountRow.tags).where(some).order_by(AccountRow.id)
    return [row.id for row in rows if wanted in row.tags.casefold().split()]


@call
def accounts_named(name: str, most: int) -> list[int]:
    """The ids of the accounts with exactly this name."""
    rows = AccountRow.select(AccountRow.id).where(AccountRow.name == name)
    return [row.id for row in rows.order_by(AccountRow.id).limit(most)]


@call
def matching_accounts(query: AccountQuery, now: float) -> list[int]:
    """The ids of all that a query finds, on whatever page."""
    return [row.id for row in _ordered_ids(query, now)]


@call
def load_deleted_account(account_id: int) -> Account | None:
    """One account, deleted or not."""
    row = AccountRow.get_or_none(AccountRow.id == account_id)
    return None if row is None else account_value(row)


@call
def change_accounts(ids: Iterable[int], **values: object) -> int:
    """Set the same values on many accounts at once; how many were changed."""
    changed = 0
    with changing():
        for some in batched(ids, _AT_ONCE):
            wanted = AccountRow.id.in_(some) & AccountRow.deleted_at.is_null()
            changed += AccountRow.update(**values).where(wanted).execute()
    return changed


@call
def delete_accounts(ids: Iterable[int], now: float) -> int:
    """Take accounts out of everybody's sight; they can be brought back until they are purged."""
    return int(change_accounts(ids, deleted_at=now))


@call
def restore_accounts(ids: Iterable[int]) -> int:
    """Undo the deletion."""
    restored = 0
    with changing():
        for some in batched(ids, _AT_ONCE):
            gone = AccountRow.id.in_(some) & AccountRow.deleted_at.is_null(False)
            restored += AccountRow.update(deleted_at=None).where(gone).execute()
    return restored


@call
def purge_accounts(ids: Iterable[int]) -> int:
    """Remove deleted accounts and what they own for good."""
    purged = 0
    with changing():
        for some in batched(ids, _AT_ONCE):
            gone = AccountRow.id.in_(some) & AccountRow.deleted_at.is_null(False)
            purged += AccountRow.delete().where(gone).execute()
            UserRow.update(account_id=None, account_chosen=False).where(
                UserRow.account_id.in_(some)
                & UserRow.account_id.not_in(AccountRow.select(AccountRow.id))
            ).execute()
    return purged


@call
def purge_accounts_deleted_before(moment: float) -> int:
    """The same for all whose week is over."""
    due = AccountRow.select(AccountRow.id).where(AccountRow.deleted_at < moment)
    ids = [row.id for row in due]
    return int(purge_accounts(ids)) if ids else 0


@call
def account_tested(
    account_id: int,
    verdict: str,
    *,
    status: AccountStatus | None = None,
    learnt: Mapping[str, str | None],
) -> None:
    """Keep what a test found: the verdict, and who Grok says the account is."""
    values: dict[str, Any] = {name: value for name, value in learnt.items() if value}
    values |= {"verdict": verdict, "tested_at": time.time()}
    if status is not None:
        values |= {"status": status.value, "reason": "" if status is AccountStatus.OK else verdict}
    if status is AccountStatus.OK:
        values["failures"] = 0
    with changing():
        AccountRow.update(**values).where(AccountRow.id == account_id).execute()


def _page_of_ids(query: AccountQuery, total: int, now: float) -> list[int]:
    """From whichever end is nearer: what lies before a page has to be sorted, too."""
    before = (query.page - 1) * query.size
    behind = max(total - before - query.size, 0)
    if before <= behind or before >= total:
        return [row.id for row in _ordered_ids(query, now).limit(query.size).offset(before)]
    count = total - before - behind
    rows = _ordered_ids(query, now, backwards=True).limit(count).offset(behind)
    return [row.id for row in rows][::-1]


def _ordered_ids(query: AccountQuery, now: float, *, backwards: bool = False) -> Any:  # noqa: ANN401  a peewee query
    conditions = [*_searched(query), *_narrowed(query, now)]
    column: Any = _COLUMNS.get(query.sort, AccountRow.id)
    goes_down, nulls = query.descending != backwards, "FIRST" if backwards else "LAST"
    first = column.desc(nulls=nulls) if goes_down else column.asc(nulls=nulls)
    order = [AccountRow.id.desc() if goes_down else AccountRow.id.asc()]
    if column is not AccountRow.id:
        order.insert(0, first)
    return AccountRow.select(AccountRow.id).where(*conditions).order_by(*order)


def _searched(query: AccountQuery) -> list[Any]:
    """A number may be an id; anything may be a part of a name, an e-mail, a remark or a tag."""
    words = query.search.split()
    found = []
    for word in words:
        like = AccountRow.name.contains(word) | AccountRow.email.contains(word)
        like |= AccountRow.remark.contains(word) | AccountRow.tags.contains(word)
        found.append(like | (AccountRow.id == int(word)) if word.isdecimal() else like)
    if query.egress_id:
        found.append(AccountRow.egress_id == query.egress_id)
    if query.pool_id:
        inside = PoolAccountRow.select(PoolAccountRow.account_id)
        inside = inside.where(PoolAccountRow.pool_id == query.pool_id)
        found.append(AccountRow.id.in_(inside))
    return found


def _narrowed(query: AccountQuery, now: float) -> list[Any]:
    deleted = AccountRow.deleted_at.is_null(query.state is not AccountState.DELETED)
    found: list[Any] = [deleted]
    if query.state and query.state is not AccountState.DELETED:
        found.append(_state(now) == query.state.value)
    if query.tier:
        found.append(AccountRow.tier == query.tier)
    return found


def _state(now: float) -> Any:  # noqa: ANN401  a peewee expression
    """`core.account_list.state_of`, in SQL."""
    row = AccountRow
    return Case(
        None,
        (
            (row.deleted_at.is_null(False), AccountState.DELETED.value),
            (~row.enabled, AccountState.DISABLED.value),
            (row.status.in_(_DEAD), AccountState.DEAD.value),
            (row.cooling_until > now, AccountState.COOLING.value),
            (row.status == AccountStatus.CHALLENGED.value, AccountState.CHALLENGED.value),
        ),
        AccountState.USABLE.value,
    )


def _count_cells(conditions: list[Any], now: float) -> list[_Cell]:
    """Every count of the page in one pass over the index, in its own order."""
    row: Any = AccountRow
    kinds = (row.deleted_at, row.enabled, row.status, row.tier)
    resting = fn.SUM(Case(None, ((row.cooling_until > now, 1),), 0))
    rows = row.select(*kinds, fn.COUNT(row.id), resting)
    counted = (rows.where(*conditions) if conditions else rows).group_by(*kinds)
    cells = [cell for found in counted.tuples() for cell in _cells(*found)]
    return [cell for cell in cells if cell.number]


def _cells(
    deleted_at: float | None, enabled: bool, status: str, tier: str, number: int, resting: int
) -> Iterable[_Cell]:
    """`core.account_list.state_of` for all accounts of a kind, of which some may be resting."""
    if deleted_at is not None:
        yield _Cell(AccountState.DELETED, tier, number)
    elif not enabled:
        yield _Cell(AccountState.DISABLED, tier, number)
    elif status in _DEAD:
        yield _Cell(AccountState.DEAD, tier, number)
    else:
        is_challenged = status == AccountStatus.CHALLENGED.value
        yield _Cell(AccountState.COOLING, tier, resting)
        awake = AccountState.CHALLENGED if is_challenged else AccountState.USABLE
        yield _Cell(awake, tier, number - resting)


def _summed[K](pairs: Iterable[tuple[K, int]]) -> dict[K, int]:
    sums: Counter[K] = Counter()
    for key, number in pairs:
        sums[key] += number
    return dict(sums)


def _in_order(ids: Sequence[int]) -> list[Account]:
    rows = {row.id: row for row in AccountRow.select().where(AccountRow.id.in_(ids))}
    return [account_value(rows[number]) for number in ids if number in rows]


def _users_of(ids: Sequence[int]) -> dict[int, int]:
    tied = UserRow.account_id.in_(ids) & UserRow.enabled
    rows: Any = UserRow.select(UserRow.account_id, fn.COUNT(UserRow.id)).where(tied)
    return dict(rows.group_by(UserRow.account_id).tuples())
