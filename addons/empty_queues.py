"""Queues that take nothing while they are empty.

Each of mitmproxy's layers has one for what comes while it waits, and ten layers make a stream; each
side of a WebSocket has one of wsproto's. An empty deque takes 760 bytes; these are hardly ever
used.
"""

from types import SimpleNamespace

from mitmproxy.proxy import layer
from wsproto import connection


class Queue[Item](list[Item]):
    """What they need of a deque. A few items at most: the first one is not far."""

    __slots__ = ()

    def popleft(self) -> Item:
        return self.pop(0)


def install() -> None:
    """Once per process, before the first connection. KeyError when a library has changed."""
    names = vars(layer)
    assert names["collections"].deque
    names["collections"] = SimpleNamespace(deque=Queue)
    assert vars(connection)["deque"]
    vars(connection)["deque"] = Queue
