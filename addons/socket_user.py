"""Who the account is at Grok, in the address of the chat socket, for calls that leave it open.

The bridge opens a socket before it knows which account it will be lent. A page knows who it is.
"""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import replace
from urllib.parse import quote

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context, local_answers
from addons.flow_context import Door, FlowContext
from addons.grok_reader import AnswerTooLargeError, GrokReader, NoAnswerError
from addons.store import StorageBusyError, Store
from core.account import Account
from core.account_trial import Reply, refusal_code, user_in_session
from core.chat_questions import is_chat_socket
from core.outcomes import SESSION_PROBE, page_for
from core.refusals import (
    BY_CODE,
    UPSTREAM_ERROR,
    UPSTREAM_TIMEOUT,
    UPSTREAM_UNREACHABLE,
    Refusal,
)
from core.sso_token import token_hash

log = logging.getLogger(__name__)

_OPEN = "?uid="
MOST_KNOWN = 20_000
PATIENCE = 8.0
"""Seconds; the bridge has a caller who waits."""


class SocketUser:
    """Asks Grok once who a token is: what was pasted beside it may be wrong, and is put right."""

    def __init__(self, reader: GrokReader, store: Store) -> None:
        self._reader = reader
        self._store = store
        self._known: OrderedDict[str, str] = OrderedDict()

    async def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        account = context.account
        if flow.response or not account or not _is_left_open(context):
            return
        token = token_hash(account.sso_token)
        found = self._known.get(token) or await self._asked(flow, account)
        if isinstance(found, Refusal):
            local_answers.refuse(flow, found, context.request_id)
            return
        self._remember(token, found)
        context.account = replace(account, upstream_user_id=found)
        context.upstream_path += quote(found, safe="")

    def _remember(self, token: str, user_id: str) -> None:
        self._known[token] = user_id
        self._known.move_to_end(token)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    async def _asked(self, flow: HTTPFlow, account: Account) -> str | Refusal:
        context, headers = flow_context.of(flow), flow.request.headers.fields
        try:
            async with asyncio.timeout(PATIENCE):
                reply = await self._reader.ask(context, "GET", SESSION_PROBE, headers)
        except TimeoutError:
            return UPSTREAM_TIMEOUT
        except (NoAnswerError, AnswerTooLargeError):
            return UPSTREAM_UNREACHABLE
        if refusal := _refusal_in(reply):
            return refusal
        user_id, email = user_in_session(reply.body)
        if reply.status != 200 or not user_id:
            return UPSTREAM_ERROR
        if account.is_stored and account.upstream_user_id != user_id:
            await self._learn(account.id, user_id, email)
        return user_id

    async def _learn(self, account_id: int, user_id: str, email: str | None) -> None:
        """The page's cookies need it too; a turn goes on without."""
        try:
            known = {"upstream_user_id": user_id, "email": email}
            await self._store.call(db.learn_account, account_id, **known)
        except (StorageBusyError, db.StorageError) as error:
            log.warning("who an account is was not recorded: %s", type(error).__name__)


def _refusal_in(reply: Reply) -> Refusal | None:
    """Our own, of the question; or what Grok or Cloudflare has against the account or the way."""
    if code := refusal_code(reply.body):
        return BY_CODE[code]
    return page_for(reply.outcome(SESSION_PROBE))


def _is_left_open(context: FlowContext) -> bool:
    path = context.upstream_path
    return context.door is Door.BRIDGE and path.endswith(_OPEN) and is_chat_socket(path)
