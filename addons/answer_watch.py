"""Looks at what passes by for what it tells of the account: modes asked for, errors in answers.

Changes nothing. A few bytes are looked for before anything is parsed.
"""

import time
from collections.abc import Awaitable, Callable, Iterable

from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.flow_context import Destination, FlowContext
from addons.metered_stream import StreamFilter
from core.modes import METER_PATH, is_chat, mode_in, mode_in_frame
from core.outcomes import Outcome
from core.stream_errors import LineWatch, Said, said_on_socket
from core.waits import wait_of_header

type Note = Callable[[FlowContext, Said], Awaitable[None]]


class AnswerWatch:
    """`note` is told what a socket says at once; what a body says stands in the context."""

    def __init__(self, note: Note) -> None:
        self._note = note

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

    async def websocket_message(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        assert flow.websocket
        message = flow.websocket.messages[-1]
        if not message.is_text or message.dropped or context.account is None:
            return
        if message.from_client:
            context.mode = mode_in_frame(message.content) or context.mode
            if b'"response.create"' in message.content:
                context.asked_at = time.monotonic()
        elif said := said_on_socket(message.content):
            context.outcome = said.outcome
            await self._note(context, said)


def _tells_mode(context: FlowContext) -> bool:
    path = context.upstream_path
    return is_chat("POST", path) or path.partition("?")[0] == METER_PATH


def _watched(context: FlowContext, inner: Callable[[bytes], object]) -> StreamFilter:
    """The same stream; an error that the answer holds is noted before the flow is settled."""
    watch = LineWatch()

    def stream(data: bytes) -> Iterable[bytes]:
        pieces = inner(data)
        found: list[bytes] = [pieces] if isinstance(pieces, bytes) else list(pieces)  # type: ignore[call-overload]
        for piece in found:
            watch.feed(piece)
        if not data:
            watch.flush()
        if watch.said and watch.said.outcome is not Outcome.OK:
            context.outcome, context.wait = watch.said.outcome, watch.said.wait
        return found

    return stream
