"""A turn over Grok's chat WebSocket, blocking: bundles of events, one for what came together.

An empty bundle is a sign of life. Pings keep the socket open; that they are answered is none.
"""

import time
import uuid
from collections.abc import Iterator

from api_bridge.door import Door
from api_bridge.events import GrokEvent, Lent
from api_bridge.mgw import MgwTurn
from api_bridge.question import Question
from api_bridge.text_socket import ClosedError, TextSocket

_PATH = "/ws/mgw/?uid="
"""The proxy, which knows whom it lends, says who it is at Grok."""


def turn(door: Door, question: Question, ping_seconds: float) -> Iterator[list[GrokEvent]]:
    """All of one turn; RefusedError before the first bundle when there is no socket."""
    with door.socket(_PATH) as (socket, account_id):
        yield [Lent(account_id or 0)]
        mgw = MgwTurn(question, lambda: uuid.uuid4().hex)
        socket.send(mgw.opening())
        for messages in _received(socket, mgw, ping_seconds):
            before = mgw.reader.heard
            events = [event for message in messages for event in mgw.reader.feed(message)]
            if mgw.reader.heard > before or mgw.reader.has_ended:
                yield events
            for frame in mgw.next_frames():
                socket.send(frame)
            if mgw.reader.has_ended:
                return
    yield mgw.reader.close()


def _received(socket: TextSocket, mgw: MgwTurn, ping_seconds: float) -> Iterator[list[str]]:
    """Until either side closes; with a ping now and then."""
    next_ping = time.monotonic() + ping_seconds
    while True:
        try:
            yield socket.receive(next_ping - time.monotonic())
        except ClosedError:
            return
        if time.monotonic() >= next_ping:
            next_ping = time.monotonic() + ping_seconds
            socket.send(mgw.ping())
