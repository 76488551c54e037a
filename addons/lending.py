"""Lends shared accounts to API calls: chooses, lets wait in a fair line, takes back.

Nothing of it is stored: a process that dies takes its leases and its line with it.
"""

import asyncio
import logging
import random
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from addons.mode_book import ModeBook
from addons.store import Snapshot
from core.bridge_call import BridgeCall
from core.fair_queue import FairQueue
from core.leases import Lease, Leases
from core.pool_choice import (
    WINDOW,
    Choice,
    Pool,
    Ranking,
    Strategy,
    Wish,
    choose,
    most_at_once,
    ranked,
    wakes_at,
)
from core.pools import Reach
from core.rests import Rest

log = logging.getLogger("pool")

QUEUE_SECONDS = 15.0
"""Shorter than the bridge waits for the head of an answer."""
MOST_WAITING = 1000
BUSY_SECONDS = 5.0
"""What a caller is told to wait when all are at work and nobody knows until when."""
STICKY_SECONDS = 600.0
MOST_STICKY = 10_000
ORDER_SECONDS = 2.0
SMALL_POOL = 300
MOST_ORDERS = 200
"""One for each mode and each set of pools that somebody is tied to."""
EXPLAINED = 50
"""How many of the last choices are kept with their reasons."""


_NOBODY = Reach("-", frozenset())


class AllBusyError(Exception):
    """Nobody can be lent now; `seconds` until it is worth asking again."""

    def __init__(self, seconds: float, choice: Choice | None = None) -> None:
        super().__init__()
        self.seconds = seconds
        self.choice = choice


class NobodyError(Exception):
    """There is no account for this call, however long it waits."""

    def __init__(self, choice: Choice | None = None) -> None:
        super().__init__()
        self.choice = choice


@dataclass(slots=True, eq=False)
class _Waiting:
    call: BridgeCall
    granted: asyncio.Future[Lease]
    choice: Choice | None = None


@dataclass(slots=True)
class _Order:
    snapshot: Snapshot
    until: float
    ranking: Ranking


class Lending:
    """One per proxy process. `cap` leases of one account at most."""

    def __init__(
        self, snapshot: Callable[[], Snapshot], modes: ModeBook, strategy: Strategy, cap: int
    ) -> None:
        self._snapshot = snapshot
        self._strategy = strategy
        self._cap = cap
        self._leases = Leases()
        self._live = _Live(self._leases, modes)
        self._line: FairQueue[_Waiting] = FairQueue()
        self._orders: dict[str, _Order] = {}
        self._sorting: dict[str, asyncio.Task[None]] = {}
        self._sticky: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._choices: dict[int, Choice] = {}
        self.explained: deque[tuple[str, Choice]] = deque(maxlen=EXPLAINED)
        """Caller and choice, the latest last."""

    async def lend(self, call: BridgeCall) -> Lease:
        """A lease, at once or after waiting in line. Raises AllBusyError, NobodyError."""
        if len(self._line) >= MOST_WAITING:
            raise AllBusyError(BUSY_SECONDS)
        waiting = _Waiting(call, asyncio.get_running_loop().create_future())
        self._line.join(call.caller, waiting)
        self._serve()
        try:
            await self._stand_in_line(waiting)
        except BaseException:
            if waiting.granted.done():  # served and given up in the same moment
                self.end(waiting.granted.result())
            raise
        finally:
            self._line.leave(call.caller, waiting)
        return waiting.granted.result()

    def end(self, lease: Lease) -> None:
        """Take back, and serve who waits. Ending twice is once."""
        self._choices.pop(lease.number, None)
        if self._leases.end(lease):
            self._serve()

    def unstick(self, call: BridgeCall) -> None:
        """The calls that stick together with this one may be lent any account again."""
        self._sticky.pop(_sticky_key(call), None)

    def choice_of(self, lease: Lease) -> Choice | None:
        """How an open lease came about; None when the call named its account."""
        return self._choices.get(lease.number)

    @property
    def open_leases(self) -> int:
        return len(self._leases)

    async def _stand_in_line(self, waiting: _Waiting) -> None:
        until = time.monotonic() + QUEUE_SECONDS
        while not waiting.granted.done():
            left = until - time.monotonic()
            self._check_hope(waiting, left)
            # Rests end without a word, so the line is looked at now and then.
            await asyncio.wait([waiting.granted], timeout=min(max(left, 0.0), 1.0))
            if not waiting.granted.done():
                self._serve()

    def _check_hope(self, waiting: _Waiting, left: float) -> None:
        if waiting.choice is None or waiting.choice.all_busy:
            if left <= 0:
                raise AllBusyError(BUSY_SECONDS, waiting.choice)
            return
        accounts, now = self._snapshot().accounts.values(), time.time()
        moment = wakes_at(accounts, self._wish(waiting.call), self._live, now)
        if moment is None:
            raise NobodyError(waiting.choice)
        raise AllBusyError(moment - now, waiting.choice)

    def _serve(self) -> None:
        in_vain: dict[str, Choice] = {}  # what fits no call of a kind fits the next neither
        while self._line.serve(lambda waiting: self._try(waiting, in_vain)):
            pass

    def _try(self, waiting: _Waiting, in_vain: dict[str, Choice]) -> bool:
        if waiting.granted.done():
            return False
        call = waiting.call
        if call.account_id is not None:  # a conversation lives there; only its turns are bounded
            account_id = call.account_id if self._has_room(call.account_id) else None
        elif (kind := self._kind(call)) in in_vain and not call.avoid:
            waiting.choice, account_id = in_vain[kind], None
        else:
            account_id = self._choose(waiting)
            if account_id is None and waiting.choice and not call.avoid:
                in_vain[kind] = waiting.choice
        if account_id is None:
            return False
        lease = self._leases.lend(account_id)
        if waiting.choice:
            self._choices[lease.number] = waiting.choice
        waiting.granted.set_result(lease)
        return True

    def _has_room(self, account_id: int) -> bool:
        account = self._snapshot().accounts.get(account_id)
        most = most_at_once(account, self._cap) if account else self._cap
        return self._leases.loans[account_id] < most

    def _choose(self, waiting: _Waiting) -> int | None:
        call, now = waiting.call, time.time()
        choice = self._chosen(call, now)
        if choice.account is None and self._orders.pop(self._kind(call)).until > now:
            choice = self._chosen(call, now)  # somebody may be free again whom the order forgot
        waiting.choice = choice
        self.explained.append((call.caller, choice))
        log.debug("%s: %s", call.caller, choice)
        if choice.account is None:
            return None
        self._stick(call, choice.account.id)
        return choice.account.id

    def _chosen(self, call: BridgeCall, now: float) -> Choice:
        ranking, accounts = self._ranking(call, now), self._snapshot().accounts
        draw = random.random()  # noqa: S311 - spreads load, guards nothing
        pool = Pool(self._strategy, ranking.ids, accounts, self._live)
        choice = choose(pool, self._wish(call), now=now, draw=draw)
        if sum(choice.skipped.values()) > WINDOW and self._strategy is not Strategy.RANDOM:
            _forget_head(ranking.ids, choice)
        return ranking.explain(choice)

    def _wish(self, call: BridgeCall) -> Wish:
        known, until = self._sticky.get(_sticky_key(call), (None, 0.0))
        sticky = known if call.sticky and time.monotonic() < until else None
        return Wish(call.mode, call.avoid, self._cap, sticky, within=self._reach(call))

    def _reach(self, call: BridgeCall) -> Reach:
        """Whoever has gone since he called reaches nobody."""
        return self._snapshot().people.reach_of_caller(call.caller) or _NOBODY

    def _kind(self, call: BridgeCall) -> str:
        """Calls of one kind are lent from the same accounts, in the same order."""
        return f"{call.mode} {self._reach(call).key}"

    def _stick(self, call: BridgeCall, account_id: int) -> None:
        if call.sticky:
            key = _sticky_key(call)
            self._sticky[key] = (account_id, time.monotonic() + STICKY_SECONDS)
            self._sticky.move_to_end(key)
            if len(self._sticky) > MOST_STICKY:
                self._sticky.popitem(last=False)

    def _ranking(self, call: BridgeCall, now: float) -> Ranking:
        """Newly made when accounts have changed; of a large pool beside the loop, and meanwhile
        the last one serves: who is in it is looked at again anyway."""
        kind, snapshot = self._kind(call), self._snapshot()
        order, wish = self._orders.get(kind), Wish(call.mode, within=self._reach(call))
        if order and order.snapshot is snapshot and now < order.until:
            return order.ranking
        if order and len(snapshot.accounts) > SMALL_POOL:
            if kind not in self._sorting:
                sorting = self._sort_beside(kind, wish, snapshot)
                self._sorting[kind] = asyncio.create_task(sorting)
            return order.ranking
        return self._sort(kind, wish, snapshot, now).ranking

    def _sort(self, kind: str, wish: Wish, snapshot: Snapshot, now: float) -> _Order:
        ranking = ranked(self._strategy, snapshot.accounts.values(), wish, self._live, now)
        if len(self._orders) > MOST_ORDERS:
            self._orders.clear()
        order = self._orders[kind] = _Order(snapshot, now + ORDER_SECONDS, ranking)
        return order

    async def _sort_beside(self, kind: str, wish: Wish, snapshot: Snapshot) -> None:
        try:
            await asyncio.to_thread(self._sort, kind, wish, snapshot, time.time())
        finally:
            del self._sorting[kind]


@dataclass(frozen=True, slots=True)
class _Live:
    """The pool at this moment, from the leases and the mode book."""

    leases: Leases
    modes: ModeBook

    def loans(self, account_id: int) -> int:
        return self.leases.loans.get(account_id, 0)

    def uses(self, account_id: int) -> int:
        return self.leases.uses.get(account_id, 0)

    def lent_at(self, account_id: int) -> int:
        return self.leases.lent_at(account_id)

    def rest(self, account_id: int, mode: str) -> Rest:
        return self.modes.rest_of(account_id, mode)

    def left(self, account_id: int, mode: str) -> int | None:
        return self.modes.left_of(account_id, mode, time.time())

    def resets_at(self, account_id: int, mode: str) -> float:
        return self.modes.of(account_id, mode).quota.reset_at or 0.0


def _forget_head(order: list[int], choice: Choice) -> None:
    """Those before the first that may be lent are not looked at again before the next sort."""
    if choice.candidates:
        del order[: order.index(choice.candidates[0])]


def _sticky_key(call: BridgeCall) -> str:
    return f"{call.caller} {call.sticky}"
