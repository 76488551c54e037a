"""Which egress an account leaves by right now, and what is learnt about it on the way.

Reads the snapshot, judges with `core.egress`, tells the store in the background. The snapshot
lags behind, so what was decided here counts until the snapshot has changed at that place.
"""

import asyncio
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Protocol

from addons.ahead import Ahead
from addons.legs import Fault
from addons.tunnel import Attempt, Candidate
from core.egress import Egress, after_failure, after_success, choose_egress, may_go_direct

log = logging.getLogger(__name__)

_TOKEN = re.compile(r"a(\d+)-e(\d+)-[0-9a-f]{8}")
_NONE = 0  # no row has this id


class Bound(Protocol):
    """An account, as far as its egress goes."""

    @property
    def egress_id(self) -> int | None: ...


class Snapshot(Protocol):
    """What was last read of the database."""

    @property
    def egresses(self) -> Mapping[int, Egress]: ...
    @property
    def accounts(self) -> Mapping[int, Bound]: ...


class Store(Protocol):
    """Where decisions are kept; both write without holding up the loop."""

    async def bind_egress(self, account_id: int, egress_id: int) -> None: ...
    async def cool_egress(
        self, egress_id: int, until: float, failures: int, error: str
    ) -> None: ...


class EgressPool:
    """The tunnels' `Routes`, and the chooser for a flow that sets out."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        store: Store,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._snapshot = snapshot
        self._store = store
        self._clock = clock
        self._health: Ahead[Egress] = Ahead(clock)
        self._bound: Ahead[int | None] = Ahead(clock)
        self._writes: set[asyncio.Task[None]] = set()

    def token_for(self, account_id: int | None, egress_id: int | None) -> str | None:
        """A name for the way out of this account; connections are shared under the same name only.

        It holds the egress's address and credentials in a hash, so that editing them parts new
        requests from connections made with the old ones. None: there is no way out now.
        """
        egress_id = self._bound_to(account_id, egress_id)
        egresses = self._egresses()
        if may_go_direct(egress_id, egresses):
            return _token(account_id, None)
        chosen = self._choose(egress_id, egresses)
        if chosen and account_id is not None and chosen.id != egress_id:
            self._bind(account_id, chosen.id)
        return _token(account_id, chosen) if chosen else None

    async def candidates(self, label: str) -> Sequence[Candidate]:
        """The egress the tunnel was named for, then one other healthy one."""
        account_id, egress_id = _ids(label)
        egresses = self._egresses()
        if may_go_direct(egress_id, egresses):
            return (Candidate(None, None),)
        named = egresses.get(egress_id or _NONE)
        if not (named and named.is_healthy(self._clock())):
            egress_id = self._bound_to(account_id, egress_id)  # it may have moved meanwhile
        first = self._choose(egress_id, egresses)
        others = {key: each for key, each in egresses.items() if each != first}
        second = self._choose(None, others)
        return [Candidate(each.id, each.spec) for each in (first, second) if each]

    def settled(self, label: str, used: Candidate | None, failed: Sequence[Attempt]) -> None:
        for attempt in failed:
            # When nobody got through, a fault that may lie beyond is no egress's fault: an
            # upstream that is down must not put the whole pool to rest.
            if attempt.error.fault is Fault.EGRESS or used:
                self._failed(attempt)
        if used and used.egress_id is not None:
            self._succeeded(used.egress_id)
            self._keep(label, used.egress_id)

    async def written(self) -> None:
        """Wait for the writes under way."""
        while self._writes:
            await asyncio.wait(self._writes)

    def _bound_to(self, account_id: int | None, egress_id: int | None) -> int | None:
        """The account's egress by the newest we know; `egress_id` is what the caller knows."""
        if account_id is None:
            return egress_id
        account = self._snapshot().accounts.get(account_id)
        return self._bound.get(account_id, account.egress_id if account else egress_id)

    def _egresses(self) -> dict[int, Egress]:
        shown = self._snapshot().egresses
        return {key: self._health.get(key, egress) for key, egress in shown.items()}

    def _choose(self, egress_id: int | None, egresses: Mapping[int, Egress]) -> Egress | None:
        own = egresses.get(egress_id) if egress_id is not None else None
        if own and own.is_healthy(self._clock()):  # nearly always: no need to count accounts
            return own
        accounts = self._snapshot().accounts
        loads = Counter(self._bound.get(key, each.egress_id) for key, each in accounts.items())
        known = {key: number for key, number in loads.items() if key is not None}
        return choose_egress(egress_id, egresses.values(), known, self._clock())

    def _failed(self, attempt: Attempt) -> None:
        shown = self._snapshot().egresses.get(attempt.candidate.egress_id or _NONE)
        if not shown:  # direct, or deleted meanwhile
            return
        before = self._health.get(shown.id, shown)
        after = after_failure(before, self._clock())
        log.warning("egress %d (%s): %s", shown.id, shown.spec.masked, attempt.error.reason)
        if after != before:
            self._note(shown, after, attempt.error.reason)

    def _succeeded(self, egress_id: int) -> None:
        shown = self._snapshot().egresses.get(egress_id)
        if shown and self._health.get(egress_id, shown).failures:
            self._note(shown, after_success(shown), "")

    def _note(self, shown: Egress, after: Egress, error: str) -> None:
        self._health.decide(shown.id, shown, after)
        self._write(self._store.cool_egress(after.id, after.cooling_until, after.failures, error))

    def _keep(self, label: str, egress_id: int) -> None:
        """The tunnel left by another egress than it was named for: the account moves there.

        Unless another tunnel has moved it already; else two of them would move it to and fro.
        """
        account_id, named_id = _ids(label)
        if account_id is not None and egress_id != named_id == self._bound_to(account_id, named_id):
            self._bind(account_id, egress_id)

    def _bind(self, account_id: int, egress_id: int) -> None:
        account = self._snapshot().accounts.get(account_id)
        log.info("account %d now leaves by egress %d", account_id, egress_id)
        self._bound.decide(account_id, account.egress_id if account else None, egress_id)
        self._write(self._store.bind_egress(account_id, egress_id))

    def _write(self, write: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(write)
        self._writes.add(task)
        task.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writes.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("egress: a note could not be stored (%s)", type(error).__name__)


def _token(account_id: int | None, egress: Egress | None) -> str:
    made_of = hash(egress.spec) & 0xFFFFFFFF if egress else 0
    return f"a{account_id or _NONE}-e{egress.id if egress else _NONE}-{made_of:08x}"


def _ids(label: str) -> tuple[int | None, int | None]:
    """Account and egress a label was made for."""
    match = _TOKEN.fullmatch(label.rpartition("/")[2])
    assert match, "a label that was not made here"
    return int(match[1]) or None, int(match[2]) or None
