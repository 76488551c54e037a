"""Everybody the proxy lends to, at one moment: what each user may have, and whose each API key is.

Somebody who is not in here is nobody: he reaches no account.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.pools import EVERYTHING, Reach, reach_of
from core.user import UserRules

_KEY, _USER = "key:", "user:"


@dataclass(frozen=True, slots=True)
class KeyTies:
    """Whose an API key is, if somebody's, and the pools it is tied to itself."""

    user_id: int | None = None
    pools: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class People:
    """Rules by user, ties by API key, and the accounts of each pool."""

    rules: Mapping[int, UserRules] = field(default_factory=dict)
    keys: Mapping[int, KeyTies] = field(default_factory=dict)
    members: Mapping[int, frozenset[int]] = field(default_factory=dict)
    _reaches: dict[frozenset[frozenset[int]], Reach] = field(default_factory=dict, repr=False)

    def reach_of_user(self, user_id: int) -> Reach | None:
        """The accounts he may ride; None when he is not known."""
        rules = self.rules.get(user_id)
        return None if rules is None else self._reach(rules.pools)

    def reach_of_caller(self, caller: str) -> Reach | None:
        """The same for a caller of the API: `key:7`, `user:3`, or one that nothing binds."""
        if caller.startswith(_USER):
            return self.reach_of_user(int(caller.removeprefix(_USER)))
        if not caller.startswith(_KEY):
            return EVERYTHING
        ties = self.keys.get(int(caller.removeprefix(_KEY)))
        if ties is None:
            return None
        if ties.user_id is None:
            return self._reach(ties.pools)
        owner = self.rules.get(ties.user_id)
        return None if owner is None else self._reach(ties.pools, owner.pools)

    def _reach(self, *ties: frozenset[int]) -> Reach:
        """Worked out once: a pool may hold thousands of accounts."""
        bounds = frozenset(pools for pools in ties if pools)
        found = self._reaches.get(bounds)
        if found is None:
            found = self._reaches[bounds] = reach_of(bounds, self.members)
        return found
