"""What an ended flow teaches about its account: written down, seldom and never in its way."""

import asyncio
import logging
import time
from collections import Counter

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context
from addons.ahead import Ahead
from addons.cooling import Cooling
from addons.flow_context import FlowContext
from addons.store import StorageBusyError, Store
from core.account import AccountStatus
from core.modes import is_chat
from core.outcomes import Answer, Outcome, classify, proves_session
from core.rests import RULES
from core.stream_errors import Said

log = logging.getLogger(__name__)

STRIKES = 2
"""Answers in a row that must say so before an account counts as dead: one may be a hiccup."""
USE_NOTED_EVERY = 30.0
"""Seconds: when an account was last used interests people, and none of them to the second."""

_DEAD = {Outcome.SIGNED_OUT: AccountStatus.SIGNED_OUT, Outcome.BLOCKED: AccountStatus.BLOCKED}


_MENDED_BY_PROOF = frozenset(
    {AccountStatus.UNKNOWN, AccountStatus.CHALLENGED, AccountStatus.SIGNED_OUT}
)


_MAY_BE_CHALLENGED = frozenset({AccountStatus.UNKNOWN, AccountStatus.OK})


class Settle:
    """Counts strikes per account. An answer that only a living session gets clears them, and what
    was noted against the account before."""

    def __init__(self, store: Store, cooling: Cooling) -> None:
        self._store = store
        self._cooling = cooling
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
        said = Said(_outcome(flow, context), context.wait)
        is_turn = is_chat(flow.request.method, context.upstream_path)
        await self.note(context, said, is_turn=is_turn)

    async def note(self, context: FlowContext, said: Said, *, is_turn: bool = True) -> None:
        """What an answer, or a message on a socket, says about the flow's account; `is_turn` when
        it ends a question to Grok, which proves more than a page or a list."""
        if context.account is None or not context.account.is_stored:
            return
        try:
            await self._settle(context, said, is_turn)
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

    async def _settle(self, context: FlowContext, said: Said, is_turn: bool) -> None:
        assert context.account
        account_id, outcome = context.account.id, said.outcome
        if outcome is Outcome.OK:
            started = max(context.started, context.asked_at)
            await self._cooling.good(account_id, context.mode, started, is_turn=is_turn)
            if proves_session(context.status, context.upstream_path):
                await self._alive(account_id, context.started)
        elif outcome in _DEAD:
            self._strikes[account_id] += 1
            if outcome is Outcome.BLOCKED or self._strikes[account_id] >= STRIKES:
                await self._mark(account_id, _DEAD[outcome], f"Grok: {outcome.value}")
                log.warning("account %d is %s", account_id, outcome.value)
        elif outcome in RULES:
            await self._cooling.bad(account_id, context.mode, said)
            if outcome is Outcome.CHALLENGED:
                await self._challenged(account_id)

    async def _challenged(self, account_id: int) -> None:
        shown = self._shown(account_id)
        if shown and self._status.get(account_id, shown) in _MAY_BE_CHALLENGED:
            reason = f"Grok: {Outcome.CHALLENGED.value}"
            await self._mark(account_id, AccountStatus.CHALLENGED, reason)

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
