r"""Grok's older transport, HTTP with one JSON object a line: bytes in any pieces → events.

Lines end at b"\n" only: a JSON string may hold U+2028 and its kin. `data: ` prefixes, blank
lines, [DONE], and objects glued together are taken as they come.
"""

from collections.abc import Iterable, Iterator

from api_bridge import ndjson_lines
from api_bridge.events import Failed, FailureKind, GrokEvent, Unknown
from api_bridge.json_objects import (
    LARGEST_OBJECT,
    JsonObject,
    JsonObjects,
    TooLargeError,
    parse_object,
)
from api_bridge.turn_state import TurnState

_TOO_LARGE = Failed(FailureKind.INTERNAL, "Grok sent a line that is too large.")
_MARKS = {"", "[DONE]"}


class NdjsonReader:
    """One answer: feed its bytes, then close."""

    def __init__(self) -> None:
        self._state = TurnState()
        self._tail: list[bytes] = []
        self._tail_bytes = 0

    @property
    def has_ended(self) -> bool:
        return self._state.has_ended

    def feed(self, piece: bytes) -> list[GrokEvent]:
        first, *more = piece.split(b"\n")
        self._keep(first)
        events: list[GrokEvent] = []
        for start in more:
            events += self._line(self._take())
            self._keep(start)
        if self._tail_bytes > LARGEST_OBJECT and not self._state.has_ended:
            self._take()
            events += self._state.fail(_TOO_LARGE)
        return events

    def close(self) -> list[GrokEvent]:
        """The body is over; its last line may lack the newline."""
        return [*self._line(self._take()), *self._state.close()]

    def _keep(self, piece: bytes) -> None:
        self._tail.append(piece)
        self._tail_bytes += len(piece)

    def _take(self) -> bytes:
        line = b"".join(self._tail)
        self._tail, self._tail_bytes = [], 0
        return line

    def _line(self, line: bytes) -> list[GrokEvent]:
        if self._state.has_ended:
            return []
        text = line.decode("utf-8", "replace").strip().removeprefix("data:").strip()
        if text in _MARKS:
            return []
        objects = objects_in(text)
        if not objects:
            return [*self._judge(text), Unknown("not JSON")]
        return [event for value in objects for event in ndjson_lines.events_of(value, self._state)]

    def _judge(self, text: str) -> list[GrokEvent]:
        return self._state.note(failed) if (failed := ndjson_lines.page_failure(text)) else []


def objects_in(text: str) -> list[JsonObject]:
    """The objects of one line: nearly always one."""
    if (value := parse_object(text)) is not None:
        return [value]
    try:
        return JsonObjects().feed(text)
    except TooLargeError:
        return []


def read(pieces: Iterable[bytes]) -> Iterator[GrokEvent]:
    """All events of a body."""
    reader = NdjsonReader()
    for piece in pieces:
        yield from reader.feed(piece)
    yield from reader.close()
