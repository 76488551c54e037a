"""Runs a blocking iterator beside its reader, who can then wait for it with a clock.

In a thread, which under gevent is a greenlet. Knows nothing of what is read.
"""

import threading
from collections.abc import Callable, Iterable

MOST_WAITING = 64
"""Items ahead of the reader; then the iterator waits, and whoever sends to it with it."""


class OverError(Exception):
    """The iterator has come to its end."""


class Background[Item]:
    """The items of `run()`, as many at a time as have come; what it raises is raised by `take`."""

    def __init__(self, run: Callable[[], Iterable[Item]]) -> None:
        self._changed = threading.Condition()
        self._waiting: list[Item] = []
        self._end: BaseException | None = None
        self._is_unwanted = self._is_full = self._is_awaited = False
        threading.Thread(target=self._run, args=(run,), daemon=True).start()

    def take(self, seconds: float) -> list[Item]:
        """What has come, in order; nothing when there was nothing in time."""
        with self._changed:
            if not self._waiting:
                self._is_awaited = True
                self._changed.wait_for(lambda: self._waiting or self._end, max(0.0, seconds))
                self._is_awaited = False
            if not self._waiting and self._end:
                raise self._end
            return self._taken()

    def stop(self) -> None:
        """No further item is wanted: whoever waits in `take` is told that it is over."""
        with self._changed:
            self._is_unwanted = True
            self._waiting.clear()
            self._end = self._end or OverError()
            self._changed.notify_all()

    def _taken(self) -> list[Item]:
        items, self._waiting = self._waiting, []
        if self._is_full:
            self._changed.notify_all()
        return items

    def _run(self, run: Callable[[], Iterable[Item]]) -> None:
        end: BaseException = OverError()
        try:
            for item in run():
                if not self._put(item):
                    break
        except Exception as error:  # noqa: BLE001  the reader gets to see it
            end = error
        with self._changed:
            self._end = self._end or end
            self._changed.notify_all()

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
