"""Shows developers what Grok was asked and what came of it: copies of finished flows, for mitmweb.

Only flows that were meant for Grok: sign-ins, keys and our own pages never get here. A copy holds
what the caller got to see, and no secret: headers that carry one are masked, and whatever was sent
upstream as a cookie is taken out wherever it stands.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mitmproxy.connection import Client, Server
from mitmproxy.flow import Error
from mitmproxy.http import Headers, HTTPFlow
from mitmproxy.io import tnetstring
from mitmproxy.websocket import WebSocketData, WebSocketMessage

from addons import flow_context
from addons.flow_context import Destination, FlowContext
from core.scrubbing import LengthKeepingScrubber

MOST_BYTES = 256 * 1024
"""Of a body, or of all messages of a socket: the beginning of the one, the latest of the others."""
_OVERHEAD = 256
"""Of a message, beside its content."""
_MASK = b"***"
_SECRET = frozenset(
    {
        b"cookie", b"set-cookie", b"authorization", b"proxy-authorization", b"x-api-key",
        b"api-key",
    }
)  # fmt: skip


@dataclass(slots=True)
class _Seen:
    """What passed of one flow, beside its heads."""

    request: bytes = b""
    response: bytearray = field(default_factory=bytearray)
    messages: deque[WebSocketMessage] = field(default_factory=deque)
    size: int = 0
    """Of the messages."""
    is_cut: bool = False

    def passing(self, inner: Callable[[bytes], Iterable[bytes]]) -> Callable[[bytes], list[bytes]]:
        """The same filter, overheard."""

        def overheard(data: bytes) -> list[bytes]:
            pieces = list(inner(data))
            for piece in pieces:
                room = MOST_BYTES - len(self.response)
                self.response += piece[:room]
                self.is_cut |= len(piece) > room
            return pieces

        return overheard

    def said(self, message: WebSocketMessage) -> None:
        self.messages.append(message)
        self.size += len(message.content) + _OVERHEAD
        while self.size > MOST_BYTES and len(self.messages) > 1:
            self.size -= len(self.messages.popleft().content) + _OVERHEAD
            self.is_cut = True


class FlowTap:
    """The chain's last step but the log; `show` gets each finished flow in mitmproxy's format."""

    def __init__(self, show: Callable[[bytes], None]) -> None:
        self._show = show
        self._open: dict[str, _Seen] = {}

    def requestheaders(self, flow: HTTPFlow) -> None:
        if _is_for_grok(flow_context.of(flow)):
            self._open[flow.id] = _Seen()

    def request(self, flow: HTTPFlow) -> None:
        if seen := self._open.get(flow.id):
            seen.request = (flow.request.raw_content or b"")[:MOST_BYTES]

    def responseheaders(self, flow: HTTPFlow) -> None:
        assert flow.response
        seen, inner = self._open.get(flow.id), flow.response.stream
        if seen and callable(inner):
            flow.response.stream = seen.passing(inner)  # type: ignore[arg-type]

    def websocket_message(self, flow: HTTPFlow) -> None:
        assert flow.websocket
        if seen := self._open.get(flow.id):
            seen.said(flow.websocket.messages[-1])

    def response(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.answered_here and _is_for_grok(context):
            self._open.setdefault(flow.id, _Seen())  # it was refused before it came to this step
        if not flow.websocket:
            self._finished(flow)

    def websocket_end(self, flow: HTTPFlow) -> None:
        self._finished(flow)

    def error(self, flow: HTTPFlow) -> None:
        self._finished(flow)

    def _finished(self, flow: HTTPFlow) -> None:
        if seen := self._open.pop(flow.id, None):
            self._show(_told(flow, seen))


def _is_for_grok(context: FlowContext) -> bool:
    """Whether one of Grok's hosts is meant, allowed or not."""
    return context.rule is not None and context.destination is not Destination.SIDECAR


def _told(flow: HTTPFlow, seen: _Seen) -> bytes:
    """A copy without secrets. Scrubbing keeps lengths, so the whole of it can be scrubbed."""
    context = flow_context.of(flow)
    state = tnetstring.dumps(_copy(flow, seen, context).get_state())
    return LengthKeepingScrubber(context.secrets).whole(state)


def _copy(flow: HTTPFlow, seen: _Seen, context: FlowContext) -> HTTPFlow:
    """Of the live flow nothing but heads: its connections and its notes stay here."""
    client = Client(peername=flow.client_conn.peername, sockname=flow.client_conn.sockname)
    copy = HTTPFlow(client, Server(address=flow.server_conn.address))
    copy.id, copy.timestamp_created = flow.id, flow.timestamp_created
    if flow.error:  # its text may be a note to our error pages
        reason = context.fault.code if context.fault else "cut, or no answer"
        copy.error = Error(f"{reason}; the caller was told {context.status or 'nothing'}")
    copy.request = flow.request.copy()
    copy.request.headers = _masked(flow.request.headers)
    copy.request.raw_content = seen.request
    if flow.response:
        local = flow.response.raw_content if context.answered_here else None
        copy.response = flow.response.copy()
        copy.response.headers = _masked(flow.response.headers)
        copy.response.raw_content = local or bytes(seen.response)
    if flow.websocket:
        how = {
            name: getattr(flow.websocket, name)
            for name in ("closed_by_client", "close_code", "close_reason", "timestamp_end")
        }
        copy.websocket = WebSocketData(messages=list(seen.messages), **how)
    copy.comment = _comment(context, seen)
    return copy


def _comment(context: FlowContext, seen: _Seen) -> str:
    account = context.account.id if context.account else "-"
    cut = ", shortened" if seen.is_cut else ""
    return f"{context.request_id} for {context.owner or '-'} on account {account}{cut}"


def _masked(headers: Headers) -> Headers:
    return Headers(
        (name, _MASK if _is_secret(name.lower()) else value) for name, value in headers.fields
    )


def _is_secret(name: bytes) -> bool:
    return name in _SECRET or name.startswith(b"x-mirror-")
