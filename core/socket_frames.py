"""Frames of a WebSocket as its server sends them (RFC 6455 §5.2). Pure.

Nearly all are short texts, each a message by itself, and need no more than to be found. All else is
left to who knows the whole protocol: control frames, messages in several frames or packed, large
ones, and whatever is wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

SHORT = 2**16
_TEXT = 0x81
"""First byte of a text whose first frame is its last, and which is not packed."""
_CONTROL = 8
"""Opcodes from here on stand between the frames of a message."""


@dataclass(frozen=True, slots=True)
class Text:
    """A message of one frame, shorter than SHORT."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Rest:
    """Bytes of one other frame, in order; not all of them when the frame has not come whole."""

    data: bytes


@dataclass(slots=True)
class FrameCutter:
    """Cuts a stream at the ends of its frames, wherever its pieces were cut."""

    _held: bytes = field(default=b"", init=False)
    """The beginning of a head, or of a short text."""
    _passing: int = field(default=0, init=False)
    """Bytes still to come of another frame."""
    _within_message: bool = field(default=False, init=False)
    """Frames of one have come, and not its last."""

    def cut(self, data: bytes) -> Iterator[Text | Rest]:
        """What this piece completes. The next piece may be cut when all of it was taken."""
        data, self._held = self._held + data, b""
        at = 0
        while at < len(data):
            if not self._passing:
                begin, end = _payload(data, at)
                if begin > len(data):
                    break
                if self._is_short_text(data[at : at + 2], end - begin):
                    if end > len(data):
                        break
                    yield _text_or_rest(data, at, begin, end)
                    at = end
                    continue
                self._begin_other(data[at], end - at)
            piece = data[at : at + self._passing]
            self._passing -= len(piece)
            at += len(piece)
            yield Rest(piece)
        self._held = data[at:]

    def _is_short_text(self, head: bytes, size: int) -> bool:
        masked = head[1] & 0x80
        return head[0] == _TEXT and not masked and size < SHORT and not self._within_message

    def _begin_other(self, first: int, size: int) -> None:
        self._passing = size
        if first & 0x0F < _CONTROL:
            self._within_message = not first & 0x80


def text_frame(content: bytes) -> bytes:
    """A message as a server sends it, in one frame."""
    size = len(content)
    if size < 126:
        return b"\x81%c%b" % (size, content)
    if size < SHORT:
        return b"\x81\x7e%b%b" % (size.to_bytes(2), content)
    return b"\x81\x7f%b%b" % (size.to_bytes(8), content)


def _payload(data: bytes, at: int) -> tuple[int, int]:
    """Where the payload of a frame begins and ends. Its head is not whole when that beginning lies
    behind the end of the data."""
    begin = at + 2
    size = data[at + 1] & 0x7F if begin <= len(data) else 0
    if size > 125:
        size_at, begin = begin, begin + (2 if size == 126 else 8)
        size = int.from_bytes(data[size_at:begin])
    return begin, begin + size


def _text_or_rest(data: bytes, at: int, begin: int, end: int) -> Text | Rest:
    content = data[begin:end]
    try:
        content.decode()
    except UnicodeDecodeError:
        return Rest(data[at:end])
    return Text(content)
