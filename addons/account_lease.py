"""Lends an account to the flow: the caller's own car, or a new one when that is gone.

Runs in the proxy only; nobody else chooses accounts. A new choice is written down before the
request leaves, so that all of a user's requests agree on it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context, local_answers
from addons.flow_context import Destination, FlowContext
from addons.jars import Jars
from addons.store import StorageBusyError, Store
from core.account import Account
from core.car_choice import choose_account, choose_for_call
from core.mirror_session import MirrorSession
from core.refusals import NO_ACCOUNT, STORAGE_BUSY


class AccountLease:
    """Fills `context.account` for flows that go upstream with cookies."""

    def __init__(self, store: Store, jars: Jars) -> None:
        self._store = store
        self._jars = jars
        self._choosing = asyncio.Lock()
        self._loans: Counter[int] = Counter()

    async def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        rule = context.rule
        if context.destination is not Destination.UPSTREAM or not (rule and rule.host.cookies):
            return
        try:
            account = await self._account_for(context)
        except StorageBusyError:
            local_answers.refuse(flow, STORAGE_BUSY, context.request_id)
            return
        if account is None:
            local_answers.refuse(flow, NO_ACCOUNT, context.request_id)
            return
        context.account = replace(account, jar=self._jars.of(account))
        if context.call:
            context.lent = True
            self._loans[account.id] += 1

    def response(self, flow: HTTPFlow) -> None:
        if not flow.websocket:
            self._give_back(flow)

    def error(self, flow: HTTPFlow) -> None:
        self._give_back(flow)

    def websocket_end(self, flow: HTTPFlow) -> None:
        self._give_back(flow)

    def _give_back(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.lent and context.account:
            context.lent = False  # however many endings a flow has, it is given back once
            self._loans[context.account.id] -= 1
            if not self._loans[context.account.id]:
                del self._loans[context.account.id]

    async def _account_for(self, context: FlowContext) -> Account | None:
        now = time.time()
        if context.call:
            return choose_for_call(context.call, self._store.accounts, self._loans, now)
        if context.session is None:
            return None
        kept = self._choice(context.session, {}, now)
        if kept and kept.id == context.session.account_id:
            return kept
        # A page opens with twenty requests at once: the first chooses, the rest follow.
        async with self._choosing:
            return await self._choose_anew(context, now)

    async def _choose_anew(self, context: FlowContext, now: float) -> Account | None:
        session = context.session
        assert session
        user = await self._store.call(db.load_user, session.user_id)
        riders = await self._store.call(db.count_users_by_account)
        session = replace(session, account_id=user.account_id if user else None)
        if session.account_id not in self._store.accounts:
            await self._store.refresh()  # it may have been added a moment ago
        account = self._choice(session, riders, now)
        if account and account.id != session.account_id:
            await self._store.call(db.assign_account, session.user_id, account.id)
            self._store.forget_sessions()
        return account

    def _choice(
        self, session: MirrorSession, riders: Mapping[int, int], now: float
    ) -> Account | None:
        return choose_account(
            session.account_id, session.user_id, self._store.accounts, riders, now
        )
