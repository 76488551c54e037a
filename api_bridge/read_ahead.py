"""A socket that takes what has come at once and gives it out in the pieces that are asked for.

The WebSocket library asks for two bytes, then for a few more, then for the rest: each is a system
call and a turn of gevent's loop.
"""

import socket
from typing import Any

_PIECE = 65_536


class ReadAhead:
    """Everything but `recv` is the socket's own."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._data, self._at = b"", 0

    def recv(self, size: int) -> bytes:
        if self._at >= len(self._data):
            self._data, self._at = self._sock.recv(_PIECE), 0
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._sock, name)
