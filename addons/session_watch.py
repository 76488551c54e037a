"""Ends what is open for somebody who may no longer have it: answers under way, and sockets.

A request is let in by the mirror session it shows. What it opened may last for hours, and the
session meanwhile end, or the account be shared with others.
"""

import logging
import time
from collections.abc import Callable

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context
from addons.flow_context import Destination, FlowContext
from addons.recurring import Recurring
from addons.store import StorageBusyError, Store

log = logging.getLogger(__name__)

CHECK_SECONDS = 2.0


class SessionWatch:
    """`hang_up` closes the upstream side of a flow; mitmproxy then closes the browser's."""

    def __init__(self, store: Store, hang_up: Callable[[HTTPFlow], None]) -> None:
        self._store = store
        self._hang_up = hang_up
        self._open: set[HTTPFlow] = set()
        self._watching = Recurring(CHECK_SECONDS, self.look)

    def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.session and context.destination is Destination.UPSTREAM and not flow.response:
            self._open.add(flow)

    def response(self, flow: HTTPFlow) -> None:
        if not flow.websocket:
            self._open.discard(flow)

    def error(self, flow: HTTPFlow) -> None:
        self._open.discard(flow)

    def websocket_end(self, flow: HTTPFlow) -> None:
        self._open.discard(flow)

    def running(self) -> None:
        self._watching.start()

    def done(self) -> None:
        self._watching.stop()

    async def look(self) -> None:
        """At all that has been open for a while; the rest ends by itself or is looked at next.
        What is cut stays on the list until it has ended: it may not have left yet."""
        for flow in self._due():
            if not self._is_still_shared_alike(flow_context.of(flow)):
                self._cut(flow)
        for flow in self._due():
            try:
                may_stay = await self._has_session(flow_context.of(flow))
            except (StorageBusyError, db.StorageError):
                return  # the database being away is no verdict on anybody
            if not may_stay and flow in self._open:
                self._cut(flow)

    def _due(self) -> list[HTTPFlow]:
        young = time.monotonic() - CHECK_SECONDS
        self._open = {flow for flow in self._open if flow.live}
        return [flow for flow in self._open if flow_context.of(flow).started < young]

    async def _has_session(self, context: FlowContext) -> bool:
        try:
            return await self._store.session(context.session_cookie) is not None
        except (StorageBusyError, db.StorageError):
            raise
        except Exception:
            log.exception("%s cannot be judged and is cut", context.request_id)
            return False

    def _cut(self, flow: HTTPFlow) -> None:
        request_id = flow_context.of(flow).request_id
        log.info("%s: ended with its session or its account", request_id)
        self._hang_up(flow)

    def _is_still_shared_alike(self, context: FlowContext) -> bool:
        """An account that was private is filtered from its sharing on, and not before."""
        account = self._store.accounts.get(context.account.id) if context.account else None
        if account is None or context.session is None:
            return True  # an account that is gone, or none was needed
        return (account.private_to != context.session.user_id) == context.isolated
