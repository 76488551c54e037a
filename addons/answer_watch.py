"""Looks at what passes by for what it tells of the account: modes asked for, errors in answers.

Changes nothing. A few bytes are looked for before anything is parsed.
"""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.flow_context import Destination, FlowContext
from addons.metered_stream import StreamFilter
from core.modes import METER_PATH, is_chat, mode_in, mode_in_frame
from core.outcomes import Outcome
from core.stream_errors import LineWatch, Said, said_on_socket
from core.waits import wait_of_header

MOST_METER_BYTES = 8 * 1024

type Meter = Callable[[int, str, bytes], None]
type Note = Callable[[FlowContext, Said], Awaitable[None]]


class AnswerWatch:
    """`note` is told what a socket says at once; what a body says stands in the context. `meter`
    gets what Grok says of an account's quota in a mode."""

    def __init__(self, note: Note, meter: Meter) -> None:
        self._note = note
        self._meter = meter

    def request(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if flow.request.method == "POST" and _tells_mode(context):
            context.mode = mode_in(flow.request.raw_content or b"")

    def responseheaders(self, flow: HTTPFlow) -> None:
        context, response = flow_context.of(flow), flow.response
        assert response
        if context.destination is not Destination.UPSTREAM or context.account is None:
            return
        if response.status_code in (429, 503):
            retry_after = response.headers.get("retry-after", "")
            context.wait = wait_of_header(retry_after, time.time()) if retry_after else None
        elif response.status_code == 200 and is_chat(flow.request.method, context.upstream_path):
            assert callable(response.stream)
            response.stream = _watched(context, response.stream)
        elif response.status_code == 200 and context.mode and _is_meter(context):
            assert callable(response.stream)
            response.stream = self._metered(context, response.stream)

    def _metered(self, context: FlowContext, inner: Callable[[bytes], object]) -> StreamFilter:
        """The same stream, read along to its end."""
        body = b""

        def stream(data: bytes) -> Iterable[bytes]:
            nonlocal body
            found = _pieces(inner(data))
            body = b"".join((body, *found))[:MOST_METER_BYTES]
            if not data and context.account and context.account.is_stored:
                self._meter(context.account.id, context.mode, body)
            return found

        return stream

    async def websocket_message(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        assert flow.websocket
        message = flow.websocket.messages[-1]
        if not message.is_text or context.account is None:
            return
        if message.from_client:
            context.mode = mode_in_frame(message.content) or context.mode
            if b'"response.create"' in message.content:
                context.asked_at = time.monotonic()
        elif said := said_on_socket(message.content):
            context.outcome = said.outcome
            await self._note(context, said)


def _tells_mode(context: FlowContext) -> bool:
    return is_chat("POST", context.upstream_path) or _is_meter(context)


def _is_meter(context: FlowContext) -> bool:
    return context.upstream_path.partition("?")[0] == METER_PATH


def _pieces(found: object) -> list[bytes]:
    """A filter of mitmproxy gives one piece or several."""
    return [found] if isinstance(found, bytes) else list(cast("Iterable[bytes]", found))


def _watched(context: FlowContext, inner: Callable[[bytes], object]) -> StreamFilter:
    """The same stream; an error that the answer holds is noted before the flow is settled."""
    watch = LineWatch()

    def stream(data: bytes) -> Iterable[bytes]:
        found = _pieces(inner(data))
        for piece in found:
            watch.feed(piece)
        if not data:
            watch.flush()
        if watch.said and watch.said.outcome is not Outcome.OK:
            context.outcome, context.wait = watch.said.outcome, watch.said.wait
        return found

    return stream
