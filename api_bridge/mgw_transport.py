"""A turn over Grok's chat WebSocket, blocking: bundles of events, one for what came together.

An empty bundle is a sign of life. Pings keep the socket open; that they are answered is none.
"""

import time
import uuid
from collections.abc import Iterator

from api_bridge.door import Door
from api_bridge.events import GrokEvent, Lent
from api_bridge.grok_fields import fields_of
from api_bridge.json_objects import parse_object
from api_bridge.mgw import MgwTurn
from api_bridge.question import Question
from api_bridge.text_socket import ClosedError, TextSocket

_PATH = "/ws/mgw/?uid="
"""The proxy, which knows whom it lends, says who it is at Grok."""
_LONGEST_PONG = 300


def turn(door: Door, question: Question, ping_seconds: float) -> Iterator[list[GrokEvent]]:
    """All of one turn; RefusedError before the first bundle when there is no socket."""
    with door.socket(_PATH) as (socket, account_id):
        yield [Lent(account_id or 0)]
        mgw = MgwTurn(question, lambda: uuid.uuid4().hex)
        socket.send(mgw.opening())
        for messages in _heard(socket, mgw, ping_seconds):
            yield [event for message in messages for event in mgw.reader.feed(message)]
            for frame in mgw.next_frames():
                socket.send(frame)
            if mgw.reader.has_ended:
                return
    yield mgw.reader.close()


def _heard(socket: TextSocket, mgw: MgwTurn, ping_seconds: float) -> Iterator[list[str]]:
    """What says something, until either side closes; with a ping now and then."""
    next_ping = time.monotonic() + ping_seconds
    while True:
        try:
            messages = socket.receive(next_ping - time.monotonic())
        except ClosedError:
            return
        if telling := [message for message in messages if not is_pong(message)]:
            yield telling
        if time.monotonic() >= next_ping:
            next_ping = time.monotonic() + ping_seconds
            socket.send(mgw.ping())


def is_pong(message: str) -> bool:
    """Whether a message says nothing but that a ping was heard."""
    if len(message) > _LONGEST_PONG or '"pong"' not in message:
        return False
    value = parse_object(message)
    return value is not None and fields_of(value, "event").get("type") == "pong"
