"""The rest of an answer that has begun to come, read by whoever waits for it."""

from abc import ABC, abstractmethod
from contextlib import ExitStack
from typing import Self

from api_bridge.background import OverError
from api_bridge.events import Bundle


class Reading(ABC):
    """A `Source` of bundles; `held` is what they come by, and closed at the end.

    Somebody else may stop it while its reader waits. He has cut the line before, so that the reader
    wakes, and it is the reader who closes.
    """

    def __init__(self, held: ExitStack) -> None:
        self._held = held
        self._is_read = self._is_unwanted = False
        self._has_ended = False
        """Set by `_read` with its last bundle."""

    def take(self, seconds: float) -> list[Bundle]:
        """At times nothing though it was not waited for as long."""
        if self._is_over():
            raise OverError
        self._is_read = True
        try:
            bundles = self._read(seconds)
        finally:
            self._is_read = False
            if self._is_over():
                self._leave()
        if self._is_unwanted:
            raise OverError
        return bundles

    def stop(self) -> None:
        """May be called twice."""
        was_over, self._is_unwanted = self._is_over(), True
        if not (was_over or self._is_read):
            self._leave()

    def heir(self) -> Self:
        return self

    def _is_over(self) -> bool:
        return self._has_ended or self._is_unwanted

    @abstractmethod
    def _read(self, seconds: float) -> list[Bundle]:
        """What comes within so many seconds."""

    def _leave(self) -> None:
        self._held.close()
