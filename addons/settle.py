"""What an ended flow teaches about its account: written down, seldom and never in its way."""

import asyncio
import logging
import time
from collections import Counter

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context
from addons.ahead import Ahead
from addons.flow_context import FlowContext
from addons.store import StorageBusyError, Store
from core.account import AccountStatus
from core.outcomes import Answer, Outcome, classify, proves_session

log = logging.getLogger(__name__)

STRIKES = 2
"""Answers in a row that must say so before an account counts as dead: one may be a hiccup."""
_RESTS = {Outcome.CHALLENGED: 300.0, Outcome.RATE_LIMITED: 60.0}
"""Seconds for which nobody new is put on the account."""
USE_NOTED_EVERY = 30.0
"""Seconds: when an account was last used interests people, and none of them to the second."""

_DEAD = {Outcome.SIGNED_OUT: AccountStatus.SIGNED_OUT, Outcome.BLOCKED: AccountStatus.BLOCKED}


_MENDED_BY_PROOF = frozenset(
    {AccountStatus.UNKNOWN, AccountStatus.CHALLENGED, AccountStatus.SIGNED_OUT}
)


class Settle:
    """Counts strikes per account. An answer that only a living session gets clears them, and what
    was noted against the account before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._strikes: Counter[int] = Counter()
        self._use_noted: dict[int, float] = {}
        self._status: Ahead[AccountStatus] = Ahead(time.monotonic)
        self._marked: dict[int, float] = {}
        self._notes: set[asyncio.Task[None]] = set()

    async def response(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.account is None or not context.account.is_stored or context.answered_here:
            return
        self._note_use(context.account.id, time.time())
        try:
            await self._settle(context, _outcome(flow, context))
        except (StorageBusyError, db.StorageError) as error:
            log.warning("an outcome was not recorded: %s", type(error).__name__)

    async def done(self) -> None:
        if self._notes:
            await asyncio.wait(self._notes)

    def _note_use(self, account_id: int, now: float) -> None:
        """Beside the flow: no answer waits for what only interests people."""
        if now - self._use_noted.get(account_id, 0.0) >= USE_NOTED_EVERY:
            self._use_noted[account_id] = now
            note = asyncio.create_task(self._write_use(account_id, now))
            self._notes.add(note)
            note.add_done_callback(self._notes.discard)

    async def _write_use(self, account_id: int, now: float) -> None:
        try:
            await self._store.call(db.used_account, account_id, now)
        except (StorageBusyError, db.StorageError) as error:
            log.warning("the use of an account was not recorded: %s", type(error).__name__)

    async def _settle(self, context: FlowContext, outcome: Outcome) -> None:
        assert context.account
        account_id = context.account.id
        if outcome is Outcome.OK:
            if proves_session(context.status, context.upstream_path):
                await self._alive(account_id, context.started)
        elif outcome in _DEAD:
            self._strikes[account_id] += 1
            if outcome is Outcome.BLOCKED or self._strikes[account_id] >= STRIKES:
                await self._mark(account_id, _DEAD[outcome], f"Grok: {outcome.value}")
                log.warning("account %d is %s", account_id, outcome.value)
        elif outcome in _RESTS:
            until = time.time() + _RESTS[outcome]
            await self._store.call(db.cool_account, account_id, until, outcome.value)

    async def _alive(self, account_id: int, started: float) -> None:
        """A flow that set out before the last verdict says nothing about the time after it."""
        self._strikes.pop(account_id, None)
        shown = self._shown(account_id)
        if started < self._marked.get(account_id, 0.0) or shown is None:
            return
        if self._status.get(account_id, shown) in _MENDED_BY_PROOF:
            await self._mark(account_id, AccountStatus.OK, "")

    async def _mark(self, account_id: int, status: AccountStatus, reason: str) -> None:
        shown = self._shown(account_id)
        if shown is not None:
            self._status.decide(account_id, shown, status)
        self._marked[account_id] = time.monotonic()
        await self._store.call(db.mark_account, account_id, status, reason)
        await self._store.refresh()  # who asks next is to meet it as it is

    def _shown(self, account_id: int) -> AccountStatus | None:
        account = self._store.accounts.get(account_id)
        return account.status if account else None


def _outcome(flow: HTTPFlow, context: FlowContext) -> Outcome:
    """By the status alone where no body came by that could have been judged."""
    assert flow.response
    return context.outcome or classify(Answer(flow.response.status_code))
