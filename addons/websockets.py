"""WebSocket frames both ways: URLs of the other side's world, and never a secret to the browser.

Frames are JSON (one message may hold several objects); only URL-valued fields are rewritten, so
that what a person typed arrives as he typed it. Sockets of an ended mirror session are closed.
"""

import asyncio
import logging
from collections.abc import Callable

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context
from addons.flow_context import Door, FlowContext
from addons.store import StorageBusyError, Store
from core.rewriting import JsonRewriter, JsonUnrewriter
from core.scrubbing import Scrubber

log = logging.getLogger(__name__)

CHECK_SECONDS = 2.0


class WebSockets:
    """`hang_up` closes the upstream side of a flow; mitmproxy then closes the browser's."""

    def __init__(self, store: Store, hang_up: Callable[[HTTPFlow], None]) -> None:
        self._store = store
        self._hang_up = hang_up
        self._open: set[HTTPFlow] = set()
        self._watcher: asyncio.Task[None] | None = None

    def websocket_start(self, flow: HTTPFlow) -> None:
        self._open.add(flow)

    def websocket_message(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        assert flow.websocket
        message = flow.websocket.messages[-1]
        if message.from_client:
            if context.door is Door.BROWSER and message.is_text:
                message.content = _through(JsonUnrewriter(context.origins), message.content)
            return
        content = _through(Scrubber(context.secrets), message.content)
        if context.door is Door.BROWSER and message.is_text:
            content = _through(JsonRewriter(context.origins), content)
        message.content = content
        context.bytes_out += len(content)

    def websocket_end(self, flow: HTTPFlow) -> None:
        self._open.discard(flow)

    def running(self) -> None:
        self._watcher = asyncio.create_task(self._watch())

    def done(self) -> None:
        if self._watcher:
            self._watcher.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for flow in tuple(self._open):
                context = flow_context.of(flow)
                if not (self._is_still_shared_alike(context) and await self._may_stay(context)):
                    log.info("socket of an ended mirror session or of a changed account closed")
                    self._hang_up(flow)

    def _is_still_shared_alike(self, context: FlowContext) -> bool:
        """An account that was private is filtered from its sharing on, and not before."""
        account = self._store.accounts.get(context.account.id) if context.account else None
        if account is None or context.session is None:
            return True  # the bridge, or an account that is gone
        return (account.private_to != context.session.user_id) == context.isolated

    async def _may_stay(self, context: FlowContext) -> bool:
        if not context.session_cookie:
            return True  # the bridge
        try:
            return await self._store.session(context.session_cookie) is not None
        except (StorageBusyError, db.StorageError):
            return True  # the database being away is no verdict on the session


def _through(stage: "JsonRewriter | JsonUnrewriter | Scrubber", content: bytes) -> bytes:
    return stage.feed(content) + stage.flush()
