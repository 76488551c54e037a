"""Puts to rest what an outcome concerns, lifts the rest after a good answer, counts questions.

Whole accounts also carry their rest in their own row, where the operator sees it.
"""

import logging
import time
from contextlib import suppress

import db
from addons.mode_book import ModeBook
from addons.store import Store
from core.mode_state import ALL_MODES
from core.outcomes import Outcome
from core.quota import spent, used_up
from core.rests import RULES, WELL, Rest, Scope, rested_after
from core.stream_errors import Said

log = logging.getLogger(__name__)

_ENDED_BY_ANY_ANSWER = frozenset({Outcome.CHALLENGED.value, Outcome.FAILED.value})
"""A page that comes proves that these are over; the rest is over when a question is answered."""


class Cooling:
    """Decides with `core.rests`, keeps in the mode book."""

    def __init__(self, store: Store, modes: ModeBook) -> None:
        self._store = store
        self._modes = modes
        self._egress_rests: dict[int, Rest] = {}
        self._began: dict[tuple[int, str], float] = {}

    async def bad(self, account_id: int, mode: str, said: Said) -> None:
        """One more answer that speaks against using the account, its mode or its egress now."""
        scope, now = RULES[said.outcome].scope, time.time()
        if scope is Scope.EGRESS:
            await self._cool_egress(account_id, said, now)
            return
        mode = mode if scope is Scope.MODE else ALL_MODES
        before = self._modes.of(account_id, mode).rest
        after = rested_after(before, said.outcome, said.wait, now)
        if after != before:
            self._modes.set_rest(account_id, mode, after, now)
            self._began[account_id, mode] = time.monotonic()
        if mode and (said.outcome is Outcome.QUOTA_USED_UP or said.wait is not None):
            quota = used_up(self._modes.of(account_id, mode).quota, after.until, now)
            self._modes.set_quota(account_id, mode, quota, now)
        if mode == ALL_MODES and after.until > max(before.until, now):
            await self._store.call(db.cool_account, account_id, after.until, after.reason)
            log.info("account %d rests: %s", account_id, after.reason)

    async def good(self, account_id: int, mode: str, started: float, *, is_turn: bool) -> None:
        """A good answer to a flow that set out at `started` (monotonic)."""
        if is_turn and mode:
            self._count(account_id, mode, time.time())
        for part in {mode, ALL_MODES} if is_turn else {ALL_MODES}:
            rest = self._modes.of(account_id, part).rest
            if rest is WELL or rest == WELL or self._is_older(account_id, part, started):
                continue
            if is_turn or rest.reason in _ENDED_BY_ANY_ANSWER:
                await self._lift(account_id, part, rest)

    def _count(self, account_id: int, mode: str, now: float) -> None:
        before = self._modes.of(account_id, mode).quota
        after = spent(before, now)
        if after is not before:
            self._modes.set_quota(account_id, mode, after, now)

    def _is_older(self, account_id: int, mode: str, started: float) -> bool:
        return started < self._began.get((account_id, mode), 0.0)

    async def _lift(self, account_id: int, mode: str, rest: Rest) -> None:
        now = time.time()
        self._modes.set_rest(account_id, mode, WELL, now)
        if mode == ALL_MODES and rest.is_resting(now):
            await self._store.call(db.cool_account, account_id, 0.0, "")

    async def _cool_egress(self, account_id: int, said: Said, now: float) -> None:
        account = self._store.accounts.get(account_id)
        egress_id = account.egress_id if account else None
        if egress_id is None:
            return
        before = self._egress_rests.get(egress_id, WELL)
        rest = self._egress_rests[egress_id] = rested_after(before, said.outcome, said.wait, now)
        if rest.until > before.until:
            with suppress(OSError):  # the egress is judged anew by the next answer
                await self._store.cool_egress(egress_id, rest.until, rest.failures, rest.reason)
