"""What an ended flow teaches about its account: written down, seldom and never in its way."""

import logging
import time
from collections import Counter

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context
from addons.store import StorageBusyError, Store
from core.account import AccountStatus
from core.outcomes import Outcome

log = logging.getLogger(__name__)

STRIKES = 2
"""Answers in a row that must say so before an account counts as dead: one may be a hiccup."""
_RESTS = {Outcome.CHALLENGED: 300.0, Outcome.RATE_LIMITED: 60.0}
"""Seconds for which nobody new is put on the account."""
USE_NOTED_EVERY = 30.0
"""Seconds: when an account was last used interests people, and none of them to the second."""

_DEAD = {Outcome.SIGNED_OUT: AccountStatus.SIGNED_OUT, Outcome.BLOCKED: AccountStatus.BLOCKED}


class Settle:
    """Counts strikes per account; an OK answer clears them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._strikes: Counter[int] = Counter()
        self._use_noted: dict[int, float] = {}

    async def response(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.account is None or not context.account.is_stored or context.answered_here:
            return
        outcome = context.outcome or Outcome.OK
        try:
            await self._note_use(context.account.id, time.time())
            await self._settle(context.account.id, outcome)
        except (StorageBusyError, db.StorageError) as error:
            log.warning("outcome %s not recorded: %s", outcome.value, type(error).__name__)

    async def _note_use(self, account_id: int, now: float) -> None:
        if now - self._use_noted.get(account_id, 0.0) >= USE_NOTED_EVERY:
            self._use_noted[account_id] = now
            await self._store.call(db.used_account, account_id, now)

    async def _settle(self, account_id: int, outcome: Outcome) -> None:
        if outcome is Outcome.OK:
            self._strikes.pop(account_id, None)
        elif outcome in _DEAD:
            self._strikes[account_id] += 1
            if outcome is Outcome.BLOCKED or self._strikes[account_id] >= STRIKES:
                await self._store.call(
                    db.mark_account, account_id, _DEAD[outcome], f"Grok: {outcome.value}"
                )
                log.warning("account %d is %s", account_id, outcome.value)
        elif outcome in _RESTS:
            until = time.time() + _RESTS[outcome]
            await self._store.call(db.cool_account, account_id, until, outcome.value)
