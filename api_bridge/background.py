"""Runs a blocking iterator beside its reader, who can then wait for it with a clock.

In a thread, which under gevent is a greenlet. Knows nothing of what is read.
"""

import threading
import time
from collections.abc import Callable, Generator
from typing import Protocol


class OverError(Exception):
    """The items have come to their end."""


class Source[Item](Protocol):
    """Items to be waited for."""

    def take(self, seconds: float) -> list[Item]:
        """What has come, in order; nothing when there was nothing in time. OverError at the end."""

    def stop(self) -> None:
        """No further item is wanted."""

    def heir(self) -> "Source[Item]":
        """Who has all that is still to come: this source itself, or one that came out of it."""


type Items[Item] = Generator[Item, None, Source[Item] | None]
"""What it returns, if anything, has the rest of the items: their reader waits there himself, and
no thread does."""

MOST_WAITING = 64
"""Items ahead of the reader; then the iterator waits, and whoever sends to it with it."""


class Background[Item]:
    """The items of `run()`, as many at a time as have come; what it raises is raised by `take`."""

    def __init__(self, run: Callable[[], Items[Item]]) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Item] = []
        self._end: BaseException | None = None
        self._rest: Source[Item] | None = None
        self._is_unwanted = self._is_full = self._is_awaited = False
        threading.Thread(target=self._run, args=(run,), daemon=True).start()

    def take(self, seconds: float) -> list[Item]:
        """What has come, in order; nothing when there was nothing in time."""
        last = time.monotonic() + max(0.0, seconds)
        with self._changed:
            if not self._waiting:
                self._is_awaited = True
                self._changed.wait_for(self._has_something, max(0.0, seconds))
                self._is_awaited = False
            if self._waiting or not self._has_something():
                return self._taken()
            if self._end:
                raise self._end
            rest = self._rest
        assert rest
        return rest.take(max(0.0, last - time.monotonic()))

    def stop(self) -> None:
        """No further item is wanted: whoever waits in `take` is told that it is over."""
        with self._changed:
            self._is_unwanted = True
            self._waiting.clear()
            self._end = self._end or OverError()
            self._changed.notify_all()
        if self._rest:
            self._rest.stop()

    def heir(self) -> "Source[Item]":
        """The rest, once all before it was taken: what this one needed for waiting can go."""
        with self._changed:
            return self if self._waiting or self._end or not self._rest else self._rest

    def _has_something(self) -> bool:
        return bool(self._waiting or self._end or self._rest)

    def _taken(self) -> list[Item]:
        items, self._waiting = self._waiting, []
        if self._is_full:
            self._changed.notify_all()
        return items

    def _run(self, run: Callable[[], Items[Item]]) -> None:
        rest: Source[Item] | None = None
        end: BaseException | None = None
        try:
            rest = self._put_all(run())
        except Exception as error:  # noqa: BLE001  the reader gets to see it
            end = error
        with self._changed:
            self._rest = rest
            if not rest:
                self._end = self._end or end or OverError()
            self._changed.notify_all()
        if rest and self._is_unwanted:
            rest.stop()

    def _put_all(self, items: Items[Item]) -> Source[Item] | None:
        while True:
            try:
                item = next(items)
            except StopIteration as end:
                rest: Source[Item] | None = end.value
                return rest
            if not self._put(item):
                return None

    def _put(self, item: Item) -> bool:
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                self._is_full = True
                self._changed.wait_for(self._has_room)
                self._is_full = False
            if self._is_unwanted:
                return False
            self._waiting.append(item)
            if self._is_awaited:
                self._changed.notify_all()
            return True

    def _has_room(self) -> bool:
        return len(self._waiting) < MOST_WAITING or self._is_unwanted
