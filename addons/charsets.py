"""Bodies in UTF-16 or UTF-32 become UTF-8 for the stages, and what they were for the browser.

A byte-order mark beats the label, and a label nobody knows is no label, as in browsers. Every
other charset of theirs keeps `:`, `/` and `.` as in ASCII, so the stages can read its bytes.
"""

import codecs
from collections.abc import Callable, Sequence
from typing import Protocol

from addons.coding_errors import CorruptBodyError, TruncatedBodyError

BINARY = "binary"
"""The label for what is no text: there, two bytes at the beginning are no byte-order mark."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, None),
)
_LABELS = {
    **dict.fromkeys(("utf-16", "utf-16le", "ucs-2", "iso-10646-ucs-2"), "utf-16-le"),
    **dict.fromkeys(("unicode", "csunicode", "unicodefeff"), "utf-16-le"),
    **dict.fromkeys(("utf-16be", "unicodefffe"), "utf-16-be"),
    **dict.fromkeys(("utf-32", "utf-32le"), "utf-32-le"),
    "utf-32be": "utf-32-be",
}
_ERRORS = "surrogatepass"  # half a surrogate pair, which scripts do contain, comes back as it was


class Stage(Protocol):
    """One part of the pipe: bytes in, bytes out, the rest at the end."""

    def feed(self, data: bytes) -> bytes: ...

    def flush(self) -> bytes: ...


class Pipe:
    """Stages one behind the other, as one."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = tuple(stages)

    def feed(self, data: bytes) -> bytes:
        for stage in self._stages:
            data = stage.feed(data)
        return data

    def flush(self) -> bytes:
        data = b""
        for stage in self._stages:
            data = stage.feed(data) + stage.flush() if data else stage.flush()
        return data


class Wide:
    """One stage that shows UTF-16 or UTF-32 to another as UTF-8."""

    def __init__(self, stage: Stage, codec: str) -> None:
        self._stage = stage
        self._codec = codec
        self._from_wide = codecs.getincrementaldecoder(codec)(_ERRORS)
        self._from_utf8 = codecs.getincrementaldecoder("utf-8")(_ERRORS)

    def feed(self, data: bytes) -> bytes:
        return self._narrowed(lambda: self._from_wide.decode(data), CorruptBodyError)

    def flush(self) -> bytes:
        rest = self._narrowed(lambda: self._from_wide.decode(b"", final=True), TruncatedBodyError)
        return rest + self._widened(self._stage.flush(), final=True)

    def _narrowed(self, decode: Callable[[], str], error: type[ValueError]) -> bytes:
        try:
            text = decode()
        except UnicodeDecodeError as found:
            raise error(f"the body is not {self._codec}") from found
        return self._widened(self._stage.feed(text.encode("utf-8", _ERRORS)), final=False)

    def _widened(self, data: bytes, *, final: bool) -> bytes:
        return self._from_utf8.decode(data, final).encode(self._codec, _ERRORS)


class Charset:
    """One stage that looks at the label and the first bytes, then stands for the right one."""

    def __init__(self, stage: Stage, label: str | None) -> None:
        self._narrow = stage
        self._label = (label or "").lower()
        self._head = b""
        self._stage: Stage | None = stage if self._label == BINARY else None

    def feed(self, data: bytes) -> bytes:
        if self._stage is None:
            data, self._head = self._head + data, b""
            if any(mark.startswith(data) and mark != data for mark, _ in _MARKS):
                self._head = data
                return b""
            self._stage = self._chosen(data)
        return self._stage.feed(data)

    def flush(self) -> bytes:
        if self._stage is None:
            self._stage = self._chosen(self._head)
        head, self._head = self._head, b""
        return (self._stage.feed(head) if head else b"") + self._stage.flush()

    def _chosen(self, head: bytes) -> Stage:
        for mark, codec in _MARKS:
            if head.startswith(mark):
                return Wide(self._narrow, codec) if codec else self._narrow
        codec = _LABELS.get(self._label)
        return Wide(self._narrow, codec) if codec else self._narrow
