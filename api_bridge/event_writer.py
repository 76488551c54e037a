"""Answers as rows of named events: what the interfaces that tell them so have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from api_bridge.answer_head import PATIENCE, Chunk, Head
from api_bridge.deltas import Delta, Ids, Waiting
from api_bridge.late_thoughts import without_late_thoughts
from api_bridge.usage import Tally


class EventWriter(ABC):
    """What must be remembered between two events of an answer; each has its name as `type`."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._tally = Tally(head.prompt_tokens)
        self._ids: dict[str, str] = {}
        self._has_begun = False

    def events(self, deltas: Iterable[Delta]) -> Iterator[Chunk]:
        """All of an answer."""
        for delta in without_late_thoughts(deltas):
            match delta:
                case Waiting():
                    yield PATIENCE
                case Ids():
                    self._ids = self._head.told(delta)
                case _:
                    yield from self._write(delta)

    @abstractmethod
    def begin(self) -> Iterator[Chunk]:
        """What comes first, whatever comes of it."""

    @abstractmethod
    def _told(self, delta: Delta) -> Iterator[Chunk]:
        """What becomes of a delta."""

    def _write(self, delta: Delta) -> Iterator[Chunk]:
        if not self._has_begun:
            self._has_begun = True
            yield from self.begin()
        self._tally.note(delta)
        yield from self._told(delta)
