"""Holds a user to what he may have: how often he asks, and in which modes.

At the browsers' door only; the bridge asks for its callers before it calls. A question that may not
be asked is refused, or never leaves its socket and the page is told in Grok's own words. Counted is
what sets out, whatever Grok makes of it.
"""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakKeyDictionary

from mitmproxy.http import HTTPFlow

from addons import flow_context, local_answers
from addons.flow_context import Destination, Door, FlowContext
from addons.store import StorageBusyError, Store
from addons.usage_book import UsageBook
from core.allowance import Objection, objection, seconds_until_reset
from core.api_key import Usage
from core.chat_questions import (
    UNREADABLE,
    SocketSessions,
    UnclearError,
    is_chat_socket,
    is_question,
    modes_of_body,
)
from core.chat_refusal import refusal_frames
from core.error_page import prefers_chinese
from core.mode_menu import MODES_PATH
from core.refusals import DAY_USED_UP, MODE_NOT_YOURS, MONTH_USED_UP, STORAGE_BUSY, Refusal
from core.user import UserRules

type Tell = Callable[[HTTPFlow, bytes], None]

_NAMED: dict[Objection, Refusal] = {
    "mode": MODE_NOT_YOURS,
    "day": DAY_USED_UP,
    "month": MONTH_USED_UP,
}
_NOTHING = UserRules(day_limit=0)
"""For somebody who is no user any more."""


class Allowance:
    """`tell` puts a message of ours into a socket, for the browser."""

    def __init__(self, store: Store, book: UsageBook, tell: Tell) -> None:
        self._store = store
        self._book = book
        self._tell = tell
        self._sockets: WeakKeyDictionary[HTTPFlow, SocketSessions] = WeakKeyDictionary()

    async def request(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        asks = is_question(flow.request.method, context.upstream_path)
        if not _is_his(context) or not (asks or _is_menu(context)):
            return
        try:
            rules = await self._rules(context)
        except StorageBusyError:
            local_answers.refuse(flow, STORAGE_BUSY, context.request_id)
            return
        if not asks:
            context.offered = rules.modes
            return
        modes = _modes(flow) if rules.modes else frozenset[str]()
        if against := self._weigh(context, rules, modes, questions=1):
            local_answers.refuse(flow, _NAMED[against], context.request_id)
            if against != "mode":
                assert flow.response
                wait = math.ceil(seconds_until_reset(against, time.time()))
                flow.response.headers["retry-after"] = str(wait)

    async def websocket_message(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if not _is_his(context) or not is_chat_socket(context.upstream_path):
            return
        assert flow.websocket
        message = flow.websocket.messages[-1]
        sessions = self._sockets.setdefault(flow, SocketSessions())
        if message.from_client:
            await self._asked(flow, context, sessions)
        else:
            with suppress(UnclearError):  # Grok's words are not ours to refuse
                sessions.hear(message.content)

    async def _asked(self, flow: HTTPFlow, context: FlowContext, sessions: SocketSessions) -> None:
        assert flow.websocket
        message = flow.websocket.messages[-1]
        try:
            asked = sessions.ask(message.content)
        except UnclearError:
            if message.is_text:
                raise  # the chain drops it: what it asks cannot be told
            return
        if not (asked.questions or asked.messages):
            return
        rules = await self._rules(context)
        against = self._weigh(context, rules, asked.modes, questions=asked.questions)
        if against is None:
            return
        message.drop()
        if asked.questions:
            for frame in refusal_frames(
                _NAMED[against],
                context.request_id,
                asked.session_id,
                chinese=_reads_chinese(flow, context),
            ):
                self._tell(flow, frame)

    def _weigh(
        self, context: FlowContext, rules: UserRules, modes: frozenset[str], *, questions: int
    ) -> Objection | None:
        """Look and count in one go: of two questions for the last place only one gets it."""
        assert context.session
        user_id, now = context.session.user_id, time.time()
        usage = self._book.usage(user_id, now)
        before_last = max(0, questions - 1)
        usage = Usage(usage.today + before_last, usage.month + before_last)
        against = objection(rules, usage, modes)
        if against is None and questions:
            self._book.count(user_id, now, questions)
        return against

    async def _rules(self, context: FlowContext) -> UserRules:
        assert context.session
        return await self._store.rules_of(context.session.user_id) or _NOTHING


def _is_his(context: FlowContext) -> bool:
    is_web = context.door is Door.BROWSER and context.session is not None
    return is_web and context.destination is Destination.UPSTREAM


def _is_menu(context: FlowContext) -> bool:
    return context.upstream_path.partition("?")[0].rstrip("/") == MODES_PATH


def _modes(flow: HTTPFlow) -> frozenset[str]:
    """What is packed cannot be looked into without a bound, and no page packs its questions."""
    if flow.request.headers.get("content-encoding", "identity").lower() != "identity":
        return frozenset({UNREADABLE})
    return modes_of_body(flow.request.raw_content or b"")


def _reads_chinese(flow: HTTPFlow, context: FlowContext) -> bool:
    return prefers_chinese(flow.request.headers.get("accept-language", ""), context.language)
