"""Runs a blocking iterator beside its reader, who can then wait for it with a clock.

In a thread, which under gevent is a greenlet. Knows nothing of what is read.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable

MOST_WAITING = 64
"""Items ahead of the reader; then the iterator waits, and whoever sends to it with it."""


class OverError(Exception):
    """The iterator has come to its end."""


class Background[Item]:
    """The items of `run()`, one after the other; what it raises is raised by `take`."""

    def __init__(self, run: Callable[[], Iterable[Item]]) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Item] = deque()
        self._end: BaseException | None = None
        self._is_unwanted = False
        threading.Thread(target=self._run, args=(run,), daemon=True).start()

    def take(self, seconds: float) -> Item | None:
        """The next item; None when there was none in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._end, max(0.0, seconds))
            if self._waiting:
                item = self._waiting.popleft()
                self._changed.notify_all()
                return item
            if self._end:
                raise self._end
            return None

    def stop(self) -> None:
        """No further item is wanted: whoever waits in `take` is told that it is over."""
        with self._changed:
            self._is_unwanted = True
            self._waiting.clear()
            self._end = self._end or OverError()
            self._changed.notify_all()

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
            self._changed.wait_for(lambda: len(self._waiting) < MOST_WAITING or self._is_unwanted)
            if self._is_unwanted:
                return False
            self._waiting.append(item)
            self._changed.notify_all()
            return True
