"""The sockets of one turn in one hand: cutting it ends whatever waits on any of them.

That is how a caller who leaves frees Grok at once, though the turn is silent, still connecting or
uploading. Sockets are shut down, not closed, from outside: their reader wakes and closes them.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

type Address = tuple[str, int]
"""The host is a number."""

CONNECT_SECONDS = 5.0


class CutError(Exception):
    """The turn is over: nobody waits for it any more."""


class Lifeline:
    """May be cut from any thread or greenlet, once and for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # looked up late: gevent replaces it
        self._sockets: set[socket.socket] = set()
        self.is_cut = False

    @contextmanager
    def connected(self, address: Address) -> Iterator[socket.socket]:
        """A connection that lives no longer than the block, and dies when the line is cut."""
        self.check()
        with connect(address) as sock, self.holding(sock):
            yield sock

    @contextmanager
    def holding(self, sock: socket.socket) -> Iterator[None]:
        """Within the block, cutting the line ends this connection too. It is not closed here."""
        with self._lock:
            self._sockets.add(sock)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._sockets.discard(sock)

    def check(self) -> None:
        if self.is_cut:
            raise CutError

    def cut_within(self, seconds: float) -> None:
        """Nobody waits any more; whoever is on the line may take so long to take his leave."""
        with self._lock:
            is_idle = not self._sockets
        if is_idle:
            self.cut()
            return
        timer = threading.Timer(seconds, self.cut)
        timer.daemon = True
        timer.start()

    def cut(self) -> None:
        with self._lock:
            self.is_cut = True
            for sock in self._sockets:  # within the lock: afterwards one may be another line's
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)


def connect(address: Address) -> socket.socket:
    """A connection to it. Raises OSError.

    `create_connection` would look the number up, for which gevent goes to a thread and back.
    """
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(CONNECT_SECONDS)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock
