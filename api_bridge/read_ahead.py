"""A socket that takes what has come at once and gives it out in the pieces that are asked for.

The libraries ask for two bytes, then for a few more, then for the rest: each is a system call and a
turn of gevent's loop.
"""

import io
import socket
from typing import Any

_PIECE = 65_536


class ReadAhead:
    """Everything but reading and closing is the socket's own. Closing is left to whoever opened it:
    http.client closes what an answer ends with before that answer is read."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._data, self._at = b"", 0

    def recv(self, size: int) -> bytes:
        if self._at >= len(self._data):
            self._data, self._at = self._sock.recv(_PIECE), 0
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def makefile(self, mode: str = "rb") -> io.BufferedReader:
        """For http.client, which reads answers by it."""
        assert mode == "rb"
        return io.BufferedReader(_Raw(self))

    def close(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._sock, name)


class _Raw(io.RawIOBase):
    def __init__(self, source: ReadAhead) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  typeshed's own idea of a buffer
        piece = self._source.recv(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
