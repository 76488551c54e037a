"""A turn over Grok's chat WebSocket, blocking: bundles of events, one for what came together.

An empty bundle is a sign of life. Pings keep the socket open; that they are answered is none.
"""

import time
import uuid
from contextlib import ExitStack

from api_bridge.background import Items
from api_bridge.door import Door
from api_bridge.events import Bundle, Lent
from api_bridge.mgw import MgwTurn
from api_bridge.question import Question
from api_bridge.reading import Reading
from api_bridge.text_socket import ClosedError, TextSocket

_PATH = "/ws/mgw/?uid="
"""The proxy, which knows whom it lends, says who it is at Grok."""


def turn(door: Door, question: Question, ping_seconds: float) -> Items[Bundle]:
    """All of one turn; RefusedError before the first bundle when there is no socket."""
    with ExitStack() as held:
        socket, account_id = held.enter_context(door.socket(_PATH))
        yield [Lent(account_id or 0)]
        mgw = MgwTurn(question, lambda: uuid.uuid4().hex)
        socket.send(mgw.opening())
        return _Answer(socket, mgw, ping_seconds, held.pop_all())


class _Answer(Reading):
    """What is said over an open socket."""

    def __init__(
        self, socket: TextSocket, mgw: MgwTurn, ping_seconds: float, held: ExitStack
    ) -> None:
        super().__init__(held)
        self._socket, self._mgw = socket, mgw
        self._ping_seconds = ping_seconds
        self._next_ping = time.monotonic() + ping_seconds

    def _read(self, seconds: float) -> list[Bundle]:
        try:
            messages = self._socket.receive(min(seconds, self._next_ping - time.monotonic()))
        except ClosedError:
            self._has_ended = True
            return [self._mgw.reader.close()]
        self._ping()
        return self._heard(messages) if messages else []

    def _ping(self) -> None:
        if (now := time.monotonic()) >= self._next_ping:
            self._next_ping = now + self._ping_seconds
            self._socket.send(self._mgw.ping())

    def _heard(self, messages: list[str]) -> list[Bundle]:
        reader = self._mgw.reader
        before = reader.heard
        events = [event for message in messages for event in reader.feed(message)]
        for frame in self._mgw.next_frames():
            self._socket.send(frame)
        self._has_ended = reader.has_ended
        return [events] if reader.heard > before or reader.has_ended else []
