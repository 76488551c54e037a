"""Pools: named lists of accounts, and which accounts somebody reaches who is tied to some.

Tied to none means every account; tied to several means the accounts of any of them. A user's API
key is bound by its own pools and by his, so it reaches what both allow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LONGEST_NAME = 40


class PoolNameError(ValueError):
    """The name cannot be used; the text says the rule."""

    def __init__(self) -> None:
        super().__init__(f"a pool's name has 1 to {LONGEST_NAME} printable characters, no comma")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """One pool as stored; which accounts are in it is kept beside it."""

    id: int
    name: str
    note: str = ""
    created_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Reach:
    """The accounts somebody may be lent; `ids` is None for all of them."""

    key: str = ""
    """Equal for two who reach the same: what is worked out for one serves the other."""
    ids: frozenset[int] | None = None

    def holds(self, account_id: int) -> bool:
        return self.ids is None or account_id in self.ids


EVERYTHING = Reach()


def reach_of(ties: Iterable[frozenset[int]], members: Mapping[int, frozenset[int]]) -> Reach:
    """What is reached under all these sets of pools; an empty set binds nobody."""
    bounds = sorted({tuple(sorted(pools)) for pools in ties if pools})
    if not bounds:
        return EVERYTHING
    nobody: frozenset[int] = frozenset()
    found = [nobody.union(*(members.get(pool, nobody) for pool in pools)) for pools in bounds]
    key = "&".join(",".join(map(str, pools)) for pools in bounds)
    return Reach(key, frozenset.intersection(*found))


def pool_name(text: str) -> str:
    """The name as stored; PoolNameError for one that a list or `--pools a,b` could not take."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or "," in name:
        raise PoolNameError
    return name
