"""A WebSocket whose handshake is done, as its client: texts both ways, blocking.

wsproto knows the protocol. What Grok says most, short texts, is found without it, and as many at
once as have come.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress

from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import CloseConnection, Event, Ping, TextMessage
from wsproto.utilities import LocalProtocolError

from core.socket_frames import FrameCutter, Text

_SEND_SECONDS = 60.0
_PIECE = 65_536


class ClosedError(Exception):
    """Nothing will come any more."""


class TextSocket:
    """Of one reader, who also writes. Binary messages are none of Grok's and left out."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._cutter = FrameCutter()
        self._protocol = Connection(ConnectionType.CLIENT)
        self._is_over = False

    def send(self, text: str) -> None:
        """A socket that takes nothing is closed: its reader learns it next."""
        self._send(TextMessage(text.encode("utf-8", "replace").decode()))

    def receive(self, seconds: float) -> list[str]:
        """Messages that came together, a long one in pieces; none when none came in time.

        ClosedError behind the last one.
        """
        if self._is_over:
            raise ClosedError
        try:
            self._socket.settimeout(max(0.01, seconds))
            data = self._socket.recv(_PIECE)
        except TimeoutError:
            return []
        except OSError as error:
            raise ClosedError from error
        if not data:
            raise ClosedError
        return list(self._texts(data))

    def _texts(self, data: bytes) -> Iterator[str]:
        for frame in self._cutter.cut(data):
            if isinstance(frame, Text):
                yield frame.data.decode()
            else:
                yield from self._other(frame.data)
            if self._is_over:
                return

    def _other(self, data: bytes) -> Iterator[str]:
        self._protocol.receive_data(data)
        for event in self._protocol.events():
            if isinstance(event, TextMessage):
                yield event.data
            elif isinstance(event, Ping | CloseConnection):
                self._is_over |= isinstance(event, CloseConnection)
                self._send(event.response())

    def _send(self, event: Event) -> None:
        with suppress(LocalProtocolError, OSError):
            self._socket.settimeout(_SEND_SECONDS)
            self._socket.sendall(self._protocol.send(event))
