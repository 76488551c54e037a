"""A turn over Grok's chat WebSocket, blocking: bundles of events, one a message, as they come.

An empty bundle is a sign of life. Pings keep the socket open; that they are answered is none.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import cast

import websocket

from api_bridge.door import Door
from api_bridge.events import GrokEvent, Lent
from api_bridge.grok_fields import fields_of
from api_bridge.json_objects import parse_object
from api_bridge.mgw import MgwTurn
from api_bridge.question import Question

_PATH = "/ws/mgw/?uid="
"""The proxy, which knows whom it lends, says who it is at Grok."""
_LONGEST_PONG = 300
_SEND_SECONDS = 60.0


def turn(door: Door, question: Question, ping_seconds: float) -> Iterator[list[GrokEvent]]:
    """All of one turn; RefusedError before the first bundle when there is no socket."""
    with door.socket(_PATH) as (opened, account_id):
        yield [Lent(account_id or 0)]
        mgw = MgwTurn(question, lambda: uuid.uuid4().hex)
        socket = _Socket(opened, mgw, ping_seconds)
        socket.send(mgw.opening())
        for message in socket.messages():
            yield mgw.reader.feed(message)
            for frame in mgw.next_frames():
                socket.send(frame)
            if mgw.reader.has_ended:
                return
    yield mgw.reader.close()


class _Socket:
    """Text messages both ways, with a ping now and then."""

    def __init__(self, opened: websocket.WebSocket, mgw: MgwTurn, ping_seconds: float) -> None:
        self._opened, self._mgw = opened, mgw
        self._ping_seconds = ping_seconds
        self._next_ping = time.monotonic() + ping_seconds

    def send(self, text: str) -> None:
        """A socket that takes nothing is closed: its reader learns it next."""
        with suppress(websocket.WebSocketException, OSError):
            self._opened.settimeout(_SEND_SECONDS)
            self._opened.send(text.encode("utf-8", "replace"))

    def messages(self) -> Iterator[str]:
        """Until either side closes."""
        while True:
            try:
                self._opened.settimeout(max(0.01, self._next_ping - time.monotonic()))
                opcode, data = self._opened.recv_data()
            except websocket.WebSocketTimeoutException:
                self._ping()
                continue
            except (websocket.WebSocketException, OSError):
                return
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return
            text = cast("bytes", data).decode("utf-8", "replace")
            if not is_pong(text):
                yield text
            if time.monotonic() >= self._next_ping:
                self._ping()

    def _ping(self) -> None:
        self._next_ping = time.monotonic() + self._ping_seconds
        self.send(self._mgw.ping())


def is_pong(message: str) -> bool:
    """Whether a message says nothing but that a ping was heard."""
    if len(message) > _LONGEST_PONG or '"pong"' not in message:
        return False
    value = parse_object(message)
    return value is not None and fields_of(value, "event").get("type") == "pong"
