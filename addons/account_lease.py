"""Lends an account to the flow: the caller's own car, or a new one when that is gone.

Runs in the proxy only; nobody else chooses accounts. A new choice is written down before the
request leaves, so that all of a user's requests agree on it.
"""

import asyncio
import math
import time
from dataclasses import replace

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context, local_answers
from addons.choice_notes import ChoiceNotes, note_of_car
from addons.flow_context import Destination, FlowContext
from addons.jars import Jars
from addons.lending import AllBusyError, Lending, NobodyError
from addons.store import StorageBusyError, Store
from core.account import Account
from core.bridge_call import OPERATOR, BridgeCall
from core.car_choice import Rider, choose_account, named_account
from core.mirror_session import MirrorSession
from core.modes import is_chat
from core.pool_choice import Choice
from core.pools import Reach
from core.refusals import ALL_BUSY, NO_ACCOUNT, STORAGE_BUSY


class AccountLease:
    """Fills `context.account` for flows that go upstream with cookies."""

    def __init__(self, store: Store, jars: Jars, lending: Lending) -> None:
        self._store = store
        self._jars = jars
        self._choosing = asyncio.Lock()
        self._lending = lending
        self._notes = ChoiceNotes()

    async def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        rule = context.rule
        if context.destination is not Destination.UPSTREAM or not (rule and rule.host.cookies):
            return
        try:
            account = await self._account_for(flow, context)
        except AllBusyError as busy:
            local_answers.refuse(flow, ALL_BUSY, context.request_id)
            assert flow.response
            flow.response.headers["retry-after"] = str(math.ceil(busy.seconds))
            return
        except StorageBusyError:
            local_answers.refuse(flow, STORAGE_BUSY, context.request_id)
            return
        if account is None:
            local_answers.refuse(flow, NO_ACCOUNT, context.request_id)
            return
        jar = self._jars.of(account)
        context.account = account if jar is account.jar else replace(account, jar=jar)

    def response(self, flow: HTTPFlow) -> None:
        if not flow.websocket:
            self._give_back(flow)

    def error(self, flow: HTTPFlow) -> None:
        call = flow_context.of(flow).call
        if call and not flow.response:
            self._lending.unstick(call)  # it never began to answer: the next try is not for it
        self._give_back(flow)

    def websocket_end(self, flow: HTTPFlow) -> None:
        self._give_back(flow)

    def _give_back(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.lease:
            self._lending.end(context.lease)

    async def _account_for(self, flow: HTTPFlow, context: FlowContext) -> Account | None:
        now = time.time()
        if context.call:
            return await self._for_call(flow, context, context.call)
        if context.session is None:
            return None
        reach = await self._store.reach_of_user(context.session.user_id)
        if reach is None:
            return None
        rider = _rider(context.session, reach)
        kept = choose_account(rider, self._store.accounts, {}, now)
        if kept and kept.id == context.session.account_id:
            context.why = note_of_car(rider, kept, self._store.accounts)
            return kept
        # A page opens with twenty requests at once: the first chooses, the rest follow.
        async with self._choosing:
            return await self._choose_anew(context, reach, now)

    async def _for_call(
        self, flow: HTTPFlow, context: FlowContext, call: BridgeCall
    ) -> Account | None:
        """Calls that name an account wait for it with their questions only."""
        reach = await self._store.reach_of_caller(call.caller)
        if reach is None:
            return None
        if call.account_id is not None or call.sso_token:
            named = named_account(call, self._store.accounts, reach)
            context.why = self._notes.named(call, time.monotonic())
            is_bounded = named and named.is_stored and call.caller != OPERATOR
            if not (is_bounded and _is_turn(flow, context)):
                return named
        began = time.monotonic()
        try:
            context.lease = await self._lending.lend(call)
        except (NobodyError, AllBusyError) as nobody:
            self._explain(context, call, nobody.choice, began)
            if isinstance(nobody, AllBusyError):
                raise
            return None
        self._explain(context, call, self._lending.choice_of(context.lease), began)
        return self._store.accounts.get(context.lease.account_id)

    def _explain(
        self, context: FlowContext, call: BridgeCall, choice: Choice | None, began: float
    ) -> None:
        notes = self._notes
        context.why = notes.chosen(call, choice, began) if choice else notes.named(call, began)

    async def _choose_anew(self, context: FlowContext, reach: Reach, now: float) -> Account | None:
        session = context.session
        assert session
        user = await self._store.call(db.load_user, session.user_id)
        riders = await self._store.call(db.count_users_by_account)
        session = replace(session, account_id=user.account_id if user else None)
        if session.account_id not in self._store.accounts:
            await self._store.refresh()  # it may have been added a moment ago
        rider = _rider(session, reach)
        account = choose_account(rider, self._store.accounts, riders, now)
        context.why = note_of_car(rider, account, self._store.accounts)
        if account and account.id != session.account_id:
            await self._store.call(db.assign_account, session.user_id, account.id)
            self._store.forget_sessions()
        return account


def _rider(session: MirrorSession, reach: Reach) -> Rider:
    return Rider(session.user_id, session.account_id, reach, session.account_chosen)


def _is_turn(flow: HTTPFlow, context: FlowContext) -> bool:
    """Whether the flow asks Grok a question: those are what an account may have few of."""
    is_socket = flow.request.headers.get("upgrade", "").lower() == "websocket"
    return is_socket or is_chat(flow.request.method, context.upstream_path)
