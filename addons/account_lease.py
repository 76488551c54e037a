"""Lends an account to the flow: the caller's own car, or a new one when that is gone.

Runs in the proxy only; nobody else chooses accounts. A new choice is written down before the
request leaves, so that all of a user's requests agree on it.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context, local_answers
from addons.flow_context import Destination, FlowContext
from addons.jars import Jars
from addons.store import StorageBusyError, Store
from core.account import Account
from core.car_choice import any_usable, choose_account
from core.mirror_session import MirrorSession
from core.refusals import NO_ACCOUNT, STORAGE_BUSY


class AccountLease:
    """Fills `context.account` for flows that go upstream with cookies."""

    def __init__(self, store: Store, jars: Jars) -> None:
        self._store = store
        self._jars = jars
        self._choosing = asyncio.Lock()

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
        else:
            context.account = replace(account, jar=self._jars.of(account))

    async def _account_for(self, context: FlowContext) -> Account | None:
        now = time.time()
        if context.session is None:
            return any_usable(self._store.accounts.values(), now)
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
