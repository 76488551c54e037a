"""A socket that takes what has come at once and gives it out in the pieces that are asked for.

The libraries ask for two bytes, then for a few more, then for the rest: each is a system call and a
turn of gevent's loop. And a stream of tokens wakes its reader for every one of them, unless he
looks only now and then: `gather` says how often.
"""

import io
import socket
import time
from collections.abc import Callable
from typing import Any

_PIECE = 65_536


class ReadAhead:
    """Everything but reading and closing is the socket's own. `gather` gives the seconds between
    two looks. Closing is left to whoever opened it: http.client closes what an answer ends with
    before that answer is read."""

    def __init__(self, sock: socket.socket, gather: Callable[[], float] = lambda: 0.0) -> None:
        self._sock, self._gather = sock, gather
        self._data, self._at = b"", 0
        self._looked_at = 0.0

    def recv(self, size: int) -> bytes:
        if self._at >= len(self._data):
            self._data, self._at = self._look(), 0
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def makefile(self, mode: str = "rb") -> io.BufferedReader:
        """For http.client, which reads answers by it."""
        assert mode == "rb"
        return io.BufferedReader(_Raw(self))

    def close(self) -> None:
        pass

    def _look(self) -> bytes:
        if gather := self._gather():
            time.sleep(max(0.0, self._looked_at + gather - time.monotonic()))
        data = self._sock.recv(_PIECE)
        self._looked_at = time.monotonic()
        return data

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
