"""The operator's list of accounts: the state of each in one word, and what the address bar asks.

Everything a list shows is in its URL. Refuses to know SQL; `db.account_list` answers a query.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode

from core.account import DEAD, Account, AccountStatus

SIZES = (20, 50, 100, 500)
KEPT_DELETED_SECONDS = 7 * 86_400.0
LONGEST_SEARCH = 100


class AccountState(StrEnum):
    """One word for the operator; each has a text in both languages."""

    USABLE = "usable"
    COOLING = "cooling"
    CHALLENGED = "challenged"
    DEAD = "dead"
    DISABLED = "disabled"
    DELETED = "deleted"


class Sort(StrEnum):
    """By what a list is ordered."""

    ADDED = "added"
    NAME = "name"
    USED = "used"


def state_of(account: Account, now: float) -> AccountState:
    """The state that matters most to the operator."""
    if account.deleted_at is not None:
        return AccountState.DELETED
    if not account.enabled:
        return AccountState.DISABLED
    if account.status in DEAD:
        return AccountState.DEAD
    if account.is_cooling(now):
        return AccountState.COOLING
    challenged = account.status is AccountStatus.CHALLENGED
    return AccountState.CHALLENGED if challenged else AccountState.USABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountQuery:
    """Which accounts, in which order, which page (from 1)."""

    search: str = ""
    state: AccountState | None = None
    tier: str = ""
    egress_id: int | None = None
    pool_id: int | None = None
    sort: Sort = Sort.ADDED
    descending: bool = False
    page: int = 1
    size: int = SIZES[0]

    @classmethod
    def parse(cls, arguments: Mapping[str, str]) -> Self:
        """From a URL; what cannot be understood is left at its default."""
        egress, size = _number(arguments.get("egress", "")), _number(arguments.get("size", ""))
        state, sort = arguments.get("state", ""), arguments.get("sort", "")
        return cls(
            search=arguments.get("q", "").strip()[:LONGEST_SEARCH],
            state=AccountState(state) if state in set(AccountState) else None,
            tier=arguments.get("tier", "")[:40],
            egress_id=egress,
            pool_id=_number(arguments.get("pool", "")),
            sort=Sort(sort) if sort in set(Sort) else Sort.ADDED,
            descending=arguments.get("order") == "desc",
            page=_number(arguments.get("page", "")) or 1,
            size=size if size in SIZES else SIZES[0],
        )

    def url(self, **changes: Any) -> str:  # noqa: ANN401  any field of this class
        """`?…` of this query with changes; a change other than of the page starts at page 1."""
        changed = replace(self, **{"page": 1, **changes})
        return f"?{urlencode(changed.arguments())}"

    def arguments(self) -> dict[str, str]:
        """What differs from the default, by its name in the URL."""
        said = {
            "q": self.search,
            "state": self.state or "",
            "tier": self.tier,
            "egress": str(self.egress_id or ""),
            "pool": str(self.pool_id or ""),
            "sort": "" if self.sort is Sort.ADDED else self.sort,
            "order": "desc" if self.descending else "",
            "page": "" if self.page == 1 else str(self.page),
            "size": "" if self.size == SIZES[0] else str(self.size),
        }
        return {name: str(value) for name, value in said.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether something is left out; an empty page then has another reason."""
        return bool(self.search or self.state or self.tier or self.egress_id or self.pool_id)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[1-9]\d{0,8}", text) else None
