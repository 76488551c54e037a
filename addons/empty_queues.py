"""Queues that take nothing while they are empty.

Each of mitmproxy's layers has one for what comes while it waits, and ten layers make a stream; each
side of a WebSocket has one of wsproto's, each of asyncio's streams one for who waits to write. An
empty deque takes 760 bytes; these are hardly ever used.
"""

from asyncio import streams
from types import SimpleNamespace

from mitmproxy.proxy import layer
from wsproto import connection


class Queue[Item](list[Item]):
    """What they need of a deque. A few items at most: the first one is not far."""

    __slots__ = ()

    def popleft(self) -> Item:
        return self.pop(0)


def install() -> None:
    """Once per process, before the first connection. Fails when a library has changed."""
    for module in (layer, streams):
        assert vars(module)["collections"].deque
        vars(module)["collections"] = SimpleNamespace(deque=Queue)
    assert vars(connection)["deque"]
    vars(connection)["deque"] = Queue
