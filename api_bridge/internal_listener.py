"""The proxy's internal listener, as this process knows it: with what it opens, and connections to
it that one call leaves for the next.

A connection is worth keeping for what lies behind it: the proxy's own connection to Grok, tunnel
and TLS included, costs it about as much as the rest of a short answer.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from api_bridge.lifeline import Lifeline, connect
from api_bridge.read_ahead import ReadAhead
from core.wiring import Wiring

KEPT_SECONDS = 30.0
"""Less than the proxy (`addons/idle_clients.py`) and Grok keep one that nobody uses."""
MOST_KEPT = 64
MOST_ACCOUNTS = 4
"""Behind one connection the proxy holds one to Grok for each account it was used with."""


@dataclass(eq=False, slots=True)
class Connection:
    """In the hands of one call at a time, who says whether the next one may have it."""

    socket: socket.socket
    reader: ReadAhead = field(init=False)
    """Of this call; what it holds at the end belongs to none."""
    accounts: set[int] = field(default_factory=set)
    """Whose it has been so far."""
    is_free: bool = False
    """Nothing of the last call is left on it."""
    left_at: float = 0.0

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """The next call has it."""
        self.reader, self.is_free = ReadAhead(self.socket), False

    def is_worth_keeping(self) -> bool:
        return self.is_free and self.reader.is_empty and len(self.accounts) <= MOST_ACCOUNTS

    def is_alive(self, now: float) -> bool:
        """Whoever has something to say on an idle connection says that it is over."""
        if now - self.left_at >= KEPT_SECONDS:
            return False
        self.socket.setblocking(False)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False


class InternalListener:
    """May be used by any thread or greenlet."""

    def __init__(self, wiring: Wiring, now: Callable[[], float] = time.monotonic) -> None:
        self.address, self.secret = wiring.internal_listen, wiring.secret
        self._now = now
        self._lock = threading.Lock()  # looked up late: gevent replaces it
        self._kept: list[Connection] = []
        self._is_closed = False

    @contextmanager
    def connection(self, lifeline: Lifeline) -> Iterator[Connection]:
        """One for a call that lasts as long as the block and dies when its line is cut."""
        lifeline.check()
        connection = self._taken() or Connection(self._opened())
        try:
            with lifeline.holding(connection.socket):
                yield connection
        finally:
            self._leave(connection)

    def forget(self) -> None:
        """A call found the way to Grok blocked: those behind what is kept may be as well, and a new
        one is looked for anew."""
        with self._lock:
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.socket.close()

    def close(self) -> None:
        """Those that wait for a call; others end with theirs."""
        self._is_closed = True
        self.forget()

    def _opened(self) -> socket.socket:
        sock = connect(self.address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def _taken(self) -> Connection | None:
        """The one used last: what lies behind it is the likeliest to be open still."""
        while connection := self._last():
            if connection.is_alive(self._now()):
                connection.begin()
                return connection
            connection.socket.close()
        return None

    def _last(self) -> Connection | None:
        with self._lock:
            return self._kept.pop() if self._kept else None

    def _leave(self, connection: Connection) -> None:
        connection.left_at = self._now()
        if not connection.is_worth_keeping():
            connection.socket.close()
            return
        with self._lock:
            self._kept.append(connection)
            over = self._kept[: self._count_of_old()]
            del self._kept[: len(over)]
        for each in over:
            each.socket.close()

    def _count_of_old(self) -> int:
        """At the front: too many, or left for too long; after the end all of them."""
        if self._is_closed:
            return len(self._kept)
        expired = self._now() - KEPT_SECONDS
        count = sum(each.left_at <= expired for each in self._kept)
        return max(count, len(self._kept) - MOST_KEPT)
