"""Relays a WebSocket's messages: mitmproxy's own way, with a short one for what Grok says most.

An answer is thousands of short texts. mitmproxy's layer has wsproto read each into an event and
write it from an event again, and asks once for each whether it may pass; here those that came
together are shown to the chain together and written as they are. Control frames, which no hook
sees, are kept free of secrets, and what waits for its end is bounded.
"""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field, replace
from itertools import batched, groupby
from typing import Any

from mitmproxy.http import HTTPFlow
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import websocket
from mitmproxy.proxy.layers.websocket import WebsocketEndHook, WebsocketLayer
from mitmproxy.websocket import WebSocketMessage
from wsproto.events import CloseConnection, Event, Ping, Pong
from wsproto.frame_protocol import CloseReason, Opcode

from addons import flow_context
from core.scrubbing import LengthKeepingScrubber
from core.socket_frames import FrameCutter, Text, text_frame

LARGEST_MESSAGE = 16 * 1024 * 1024
"""mitmproxy joins the pieces of a message at a cost that grows with the square."""
MOST_TOGETHER = 8
"""Messages that are looked at in one go: all other connections wait for that long."""

type Steps = Generator[commands.Command, Any, None]


@dataclass(frozen=True, slots=True)
class SocketBundle:
    """Messages of the server that came together. None passes that was not let pass: mitmproxy goes
    on when a hook fails or nobody listens to it."""

    flow: HTTPFlow
    messages: tuple[WebSocketMessage, ...]
    passing: list[WebSocketMessage] = field(default_factory=list)


@dataclass
class WebsocketBundleHook(commands.StartHook):
    """In place of `websocket_message`: each of them is to be judged, in order; what may go on to
    the page is put into `passing`."""

    bundle: SocketBundle


def install() -> None:
    """Call once, before anything listens. mitmproxy makes this layer by its name."""
    websocket.WebsocketLayer = SocketRelay  # type: ignore[misc]


class SocketRelay(WebsocketLayer):
    """In place of mitmproxy's layer."""

    def __init__(self, context: Context, flow: HTTPFlow) -> None:
        super().__init__(context, flow)
        self._from_server = FrameCutter()

    def start(self, event: events.Event) -> Steps:
        yield from super().start(event)
        secrets = flow_context.of(self.flow).secrets
        for ws in (self.client_ws, self.server_ws):
            ws.send2 = _scrubbing(ws.send2, secrets)  # type: ignore[method-assign]

    _handle_event = start

    def relay_messages(self, event: events.Event) -> Steps:
        if isinstance(event, events.DataReceived) and event.connection == self.context.server:
            yield from self._relay_from_server(event)
        else:
            yield from self._relay_bounded(event)

    def _relay_from_server(self, event: events.DataReceived) -> Steps:
        for kind, frames in groupby(self._from_server.cut(event.data), type):
            if kind is Text:
                for texts in batched(frames, MOST_TOGETHER):
                    yield from self._relay_texts(text.data for text in texts)
                continue
            for rest in frames:
                yield from self._relay_bounded(events.DataReceived(event.connection, rest.data))
                if not self.flow.live:  # that was the end of it
                    return

    def _relay_texts(self, contents: Iterable[bytes]) -> Steps:
        messages = tuple(WebSocketMessage(Opcode.TEXT, False, content) for content in contents)
        bundle = SocketBundle(self.flow, messages)
        yield WebsocketBundleHook(bundle)
        if bundle.passing:
            frames = b"".join(text_frame(message.content) for message in bundle.passing)
            yield commands.SendData(self.context.client, frames)

    def _relay_bounded(self, event: events.Event) -> Steps:
        yield from super().relay_messages(event)
        sockets = (self.client_ws, self.server_ws)
        if self.flow.live and any(sum(map(len, ws.frame_buf)) > LARGEST_MESSAGE for ws in sockets):
            for ws in sockets:
                ws.frame_buf.clear()
                yield ws.send2(CloseConnection(code=CloseReason.MESSAGE_TOO_BIG))
                yield commands.CloseConnection(ws.conn)
            yield WebsocketEndHook(self.flow)
            self.flow.live = False
            self._handle_event = self.done  # type: ignore[method-assign]


def _scrubbing(send: Callable[[Event], object], secrets: frozenset[bytes]) -> Callable[..., Any]:
    """Messages were scrubbed by the chain already."""

    def clean(payload: bytes) -> bytes:
        return LengthKeepingScrubber(secrets).whole(payload)

    def scrubbed(event: Event) -> object:
        match event:
            case Ping() | Pong():
                event = replace(event, payload=clean(bytes(event.payload)))
            case CloseConnection(reason=str(reason)):
                event = replace(event, reason=clean(reason.encode()).decode())
        return send(event)

    return scrubbed
