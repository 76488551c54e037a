"""Who hears what happens on an account: every open socket of it, not only the one concerned.

Sending is left to the sockets; this only keeps the list of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class News:
    """Events of one session, or of none, for sockets that did not ask for them."""

    events: list[Event]
    session_id: str = ""


Listener = Callable[[News], Awaitable[None]]


class NewsDesk:
    """Listeners by kind of socket and account."""

    def __init__(self) -> None:
        self._listeners: dict[tuple[str, str], list[Listener]] = {}
        self._deliveries: set[asyncio.Task[None]] = set()

    @contextmanager
    def listening(self, kind: str, user_id: str, listener: Listener) -> Iterator[None]:
        """Inside the block the listener hears the account's news."""
        mine = self._listeners.setdefault((kind, user_id), [])
        mine.append(listener)
        try:
            yield
        finally:
            mine.remove(listener)

    def tell(self, kind: str, user_id: str, news: News, but_not: Listener | None = None) -> None:
        """Deliver beside the caller, in the order of calls for each socket."""
        for listener in self._listeners.get((kind, user_id), ()):
            if listener != but_not:
                task = asyncio.ensure_future(_deliver(listener, news))
                self._deliveries.add(task)
                task.add_done_callback(self._deliveries.discard)


async def _deliver(listener: Listener, news: News) -> None:
    """A socket that has just gone hears nothing more."""
    try:
        await listener(news)
    except ConnectionError:
        return
