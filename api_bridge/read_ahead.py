"""A socket that takes what has come at once and gives it out in the pieces that are asked for.

The libraries ask for two bytes, then for a few more, then for the rest: each is a system call and a
turn of gevent's loop.
"""

import io
import socket
import time
from http.client import HTTPException, HTTPResponse
from typing import Any

_PIECE = 65_536
_LINE = 1024
"""Bytes held between two reads of http.client's: of heads, and of chunks."""

_REST_SECONDS = 30.0
"""For what a piece begins and the next one ends, such as the size of a chunk."""


class ReadAhead:
    """Everything but reading and closing is the socket's own. Closing is left to whoever opened it:
    http.client closes what an answer ends with before that answer is read."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._data, self._at = b"", 0
        self.has_surplus = False
        """Whether an answer was read past its end."""
        self.is_over = False
        """Whether the end was seen by `has_more`."""

    @property
    def is_empty(self) -> bool:
        """Whether all that has come was given out, and wanted."""
        return not (self.held or self.has_surplus)

    def recv(self, size: int) -> bytes:
        if not self.held:
            self._data, self._at = self._sock.recv(_PIECE), 0
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece

    @property
    def held(self) -> int:
        """Bytes that came and were not given out yet."""
        return len(self._data) - self._at

    def has_more(self, seconds: float) -> bool:
        """Whether more has come, or the end, within so many seconds."""
        self._sock.settimeout(max(0.0, seconds))
        try:
            piece = self._sock.recv(_PIECE)
        except (TimeoutError, BlockingIOError):
            return False
        finally:
            self._sock.settimeout(_REST_SECONDS)
        self._data, self._at = self._data[self._at :] + piece, 0
        self.is_over = not piece
        return True

    def makefile(self, mode: str = "rb") -> io.BufferedReader:
        """For http.client, which reads answers by it."""
        assert mode == "rb"
        return _Answer(_Raw(self))

    def close(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._sock, name)


def what_comes(answer: HTTPResponse, seconds: float) -> bytes:
    """All that is there of a body that is read through here, once something is; nothing at its end.

    TimeoutError when nothing comes in so many seconds; HTTPException or OSError when it breaks off.
    """
    body, pieces = answer.fp, list[bytes]()
    if answer.isclosed():
        return b""
    assert isinstance(body, _Answer)
    # http.client reads the end of a chunk with the next one: by itself it is nothing.
    nothing = len(b"\r\n") if answer.chunked else 0
    if not body.holds_more_than(nothing, seconds):
        raise TimeoutError
    try:
        while piece := answer.read1(_PIECE):
            pieces.append(piece)
            if answer.isclosed() or body.held <= nothing:
                break
    except (OSError, HTTPException):
        if not pieces:  # else it is for the next call to say what is wrong
            raise
    return b"".join(pieces)


class _Answer(io.BufferedReader):
    """Says at its end whether it holds more than was asked of it."""

    def __init__(self, raw: "_Raw") -> None:
        super().__init__(raw, _LINE)
        self._below = raw

    def holds_more_than(self, size: int, seconds: float) -> bool:
        """Once it does, or all has come; False when the time is up before."""
        last, source = time.monotonic() + seconds, self._below.source
        while self.held <= size and not source.is_over:
            if not source.has_more(last - time.monotonic()):
                return False
        return True

    @property
    def held(self) -> int:
        """Bytes that came and were not asked for yet."""
        self._below.may_read = False
        here = len(self.peek())
        self._below.may_read = True
        return here + self._below.source.held

    def close(self) -> None:
        if not self.closed:
            self._below.is_over = True
            self._below.source.has_surplus |= bool(self.peek(1))
        super().close()


class _Raw(io.RawIOBase):
    def __init__(self, source: ReadAhead) -> None:
        self.source = source
        self.is_over, self.may_read = False, True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401  typeshed's own idea of a buffer
        if not self.may_read:
            return None
        if self.is_over:
            return 0
        piece = self.source.recv(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
