"""Which shared account a call is lent, and why the others were not.

Accounts come in a rough order (`ranked`, renewed every few seconds); the first few that may be
lent are compared exactly. So a choice costs the same among ten accounts and ten thousand.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from core.account import DEAD, Account, Traffic
from core.pools import EVERYTHING, Reach
from core.rests import Rest

WINDOW = 64
"""How many that may be lent are compared."""
_EXAMPLES_EACH = 3
"""How many are named of those that are not looked at, for each reason."""
_UNKNOWN_LEFT = 10
"""An account nobody has metered counts as having some: else it would never be tried."""
_TIER_OF_MODE = {"heavy": "heavy"}
_BUSY = frozenset({"busy", "probing"})


class Strategy(StrEnum):
    """What makes one account better than another."""

    MOST_QUOTA = "most-quota"
    LEAST_USED = "least-used"
    ROUND_ROBIN = "round-robin"
    RANDOM = "random"
    PRIORITY = "priority"


class Live(Protocol):
    """How the pool is doing at this moment."""

    def loans(self, account_id: int) -> int: ...
    def uses(self, account_id: int) -> int: ...
    def lent_at(self, account_id: int) -> int: ...
    def rest(self, account_id: int, mode: str) -> Rest: ...
    def left(self, account_id: int, mode: str) -> int | None: ...
    def resets_at(self, account_id: int, mode: str) -> float: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What a call needs: `cap` leases of one account at most, `sticky` where it was last, and
    `within` the accounts its caller may be lent."""

    mode: str = ""
    avoid: frozenset[int] = frozenset()
    cap: int = 4
    sticky: int | None = None
    traffic: Traffic = Traffic.API
    within: Reach = EVERYTHING


@dataclass(frozen=True, slots=True)
class Pool:
    """What is chosen from, and by what: `order` is what `ranked` made a moment ago."""

    strategy: Strategy
    order: Sequence[int]
    accounts: Mapping[int, Account]
    live: Live


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice, explained."""

    account: Account | None
    strategy: Strategy
    candidates: tuple[int, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many were skipped for which reason."""
    examples: tuple[tuple[int, str], ...] = ()
    sticky: bool = False

    @property
    def all_busy(self) -> bool:
        """Nobody was free, and waiting helps."""
        return self.account is None and any(reason in _BUSY for reason in self.skipped)


def is_served(mode: str, tiers: Collection[str]) -> bool:
    """Whether a pool whose accounts have these tiers can ever answer in a mode."""
    needed = _TIER_OF_MODE.get(mode)
    return bool(tiers) if needed is None else not {"", needed}.isdisjoint(tiers)


def why_not(account: Account | None, wish: Wish, live: Live, now: float) -> str:
    """Why this account is not lent; empty when it may be."""
    if account is None:
        return "gone"
    if account.id in wish.avoid:
        return "avoided"
    return _closed(account, wish) or _resting(account, wish, live, now)


def _closed(account: Account, wish: Wish) -> str:
    """What does not change from one second to the next."""
    if not account.enabled or account.status in DEAD:
        return "disabled" if not account.enabled else account.status.value
    if account.draining or account.private_to is not None:
        return "draining" if account.draining else "private"
    if not wish.within.holds(account.id):
        return "other pool"
    if account.traffic not in (Traffic.BOTH, Traffic.RESERVE, wish.traffic):
        return "other traffic"
    needed = _TIER_OF_MODE.get(wish.mode)
    return "tier too low" if needed and account.tier not in ("", needed) else ""


def _resting(account: Account, wish: Wish, live: Live, now: float) -> str:
    rest, loans = live.rest(account.id, wish.mode), live.loans(account.id)
    if account.is_cooling(now) or rest.is_resting(now):
        return "resting"
    if live.left(account.id, wish.mode) == 0:
        return "quota used up"
    if rest.is_on_probation and loans:
        return "probing"
    return "busy" if loans >= most_at_once(account, wish.cap) else ""


def most_at_once(account: Account, cap: int) -> int:
    """How many leases an account may have; `cap` where the operator has said nothing of it."""
    return account.concurrency or cap


type _Key = Callable[[Account, Wish, Live], tuple[float, ...]]


def _most_quota(account: Account, wish: Wish, live: Live) -> tuple[float, ...]:
    left = live.left(account.id, wish.mode)
    free = (_UNKNOWN_LEFT if left is None else left) - live.loans(account.id)
    return (-free, live.loans(account.id), live.lent_at(account.id))


def _least_used(account: Account, wish: Wish, live: Live) -> tuple[float, ...]:
    return (live.loans(account.id), live.uses(account.id), live.lent_at(account.id))


def _round_robin(account: Account, wish: Wish, live: Live) -> tuple[float, ...]:
    return (live.lent_at(account.id),)


def _priority(account: Account, wish: Wish, live: Live) -> tuple[float, ...]:
    return (-account.priority, live.loans(account.id), live.lent_at(account.id))


_KEYS: Mapping[Strategy, _Key] = {
    Strategy.MOST_QUOTA: _most_quota,
    Strategy.LEAST_USED: _least_used,
    Strategy.ROUND_ROBIN: _round_robin,
    Strategy.PRIORITY: _priority,
}


@dataclass(frozen=True, slots=True)
class Ranking:
    """The accounts worth a look for calls of a kind, best first; and why the others are not."""

    ids: list[int]
    skipped: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[tuple[int, str], ...] = ()

    def explain(self, choice: Choice) -> Choice:
        """The same choice, knowing also of those that were never looked at."""
        if choice.sticky or not self.skipped:
            return choice
        skipped = Counter(choice.skipped) + Counter(self.skipped)
        return replace(choice, skipped=dict(skipped), examples=choice.examples + self.examples)


def ranked(
    strategy: Strategy, accounts: Iterable[Account], wish: Wish, live: Live, now: float
) -> Ranking:
    """As of now; reserves come last."""
    key = _KEYS.get(strategy, _round_robin)
    worth: list[Account] = []
    skipped: Counter[str] = Counter()
    examples: list[tuple[int, str]] = []
    for account in accounts:
        reason = _closed(account, wish)
        if not reason and account_rests(account, wish, live, now):
            reason = "resting"
        if not reason:
            worth.append(account)
            continue
        skipped[reason] += 1
        if skipped[reason] <= _EXAMPLES_EACH:
            examples.append((account.id, reason))
    worth.sort(key=lambda a: (a.traffic is Traffic.RESERVE, *key(a, wish, live), a.id))
    return Ranking([account.id for account in worth], dict(skipped), tuple(examples))


def account_rests(account: Account, wish: Wish, live: Live, now: float) -> bool:
    """Whether it rests for longer than an order is kept."""
    soon = now + 5.0
    return account.is_cooling(soon) or live.rest(account.id, wish.mode).is_resting(soon)


def choose(pool: Pool, wish: Wish, *, now: float, draw: float) -> Choice:
    """One account of the pool. `draw` in [0, 1) is what the random strategy goes by."""
    strategy, accounts, live = pool.strategy, pool.accounts, pool.live
    if wish.sticky is not None and not why_not(accounts.get(wish.sticky), wish, live, now):
        return Choice(accounts[wish.sticky], strategy, (wish.sticky,), sticky=True)
    skipped: Counter[str] = Counter()
    examples: list[tuple[int, str]] = []
    found: list[Account] = []
    for account_id in _turned(pool.order, draw) if strategy is Strategy.RANDOM else pool.order:
        account = accounts.get(account_id)
        reason = why_not(account, wish, live, now)
        if reason:
            skipped[reason] += 1
            if len(examples) < WINDOW:
                examples.append((account_id, reason))
        elif account and _still_alike(found, account):
            found.append(account)
            if len(found) >= WINDOW:
                break
    best = _best(strategy, found, wish, live)
    ids = tuple(account.id for account in found)
    return Choice(best, strategy, ids, dict(skipped), tuple(examples))


def _still_alike(found: Sequence[Account], account: Account) -> bool:
    """Reserves are compared among themselves, when there is nobody else."""
    return (
        not found or account.traffic is not Traffic.RESERVE or found[0].traffic is account.traffic
    )


def _turned(order: Sequence[int], draw: float) -> Iterable[int]:
    start = int(draw * len(order))
    return (*order[start:], *order[:start])


def _best(strategy: Strategy, found: Sequence[Account], wish: Wish, live: Live) -> Account | None:
    if not found or strategy is Strategy.RANDOM:
        first = [account for account in found if account.traffic is not Traffic.RESERVE]
        return next(iter(first or found), None)
    key = _KEYS[strategy]
    return min(found, key=lambda account: (*key(account, wish, live), account.id))


def wakes_at(accounts: Iterable[Account], wish: Wish, live: Live, now: float) -> float | None:
    """When the first account that only rests may be lent again; None when waiting is in vain."""
    moments = []
    for account in accounts:
        if account.id not in wish.avoid and not _closed(account, wish):
            used_up = live.left(account.id, wish.mode) == 0
            resets = live.resets_at(account.id, wish.mode) if used_up else 0.0
            until = live.rest(account.id, wish.mode).until
            moments.append(max(account.cooling_until, until, resets, now + 1))
    return min(moments, default=None)
