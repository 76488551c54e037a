"""Queues that take nothing while they are empty.

Each of mitmproxy's layers has one for what comes while it waits, and ten layers make a stream. An
empty deque takes 760 bytes; these are hardly ever used.
"""

from types import SimpleNamespace

from mitmproxy.proxy import layer


class Queue[Item](list[Item]):
    """What a layer needs of a deque. A few items at most: the first one is not far."""

    __slots__ = ()

    def popleft(self) -> Item:
        return self.pop(0)


def install() -> None:
    """Once per process, before the first connection. KeyError when mitmproxy has changed."""
    names = vars(layer)
    assert names["collections"].deque
    names["collections"] = SimpleNamespace(deque=Queue)
