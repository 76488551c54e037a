"""Texts that are not ASCII-compatible: UTF-16 and UTF-32, by label or by their first bytes.

In every other charset of the web the ASCII characters of a URL are the same bytes, and stages
can work on them as they are.
"""

import codecs

from core.rewriting import StreamRewriter

_WIDE = {
    "utf-16": "utf-16-le",  # without a byte order mark the label means little-endian
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "unicode": "utf-16-le",
    "ucs-2": "utf-16-le",
    "utf-32": "utf-32-le",
    "utf-32le": "utf-32-le",
    "utf-32be": "utf-32-be",
}
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LONGEST_MARK = 4


def is_ascii_compatible(charset: str | None) -> bool:
    """Whether a labelled body needs no look at its first bytes."""
    return charset is not None and charset not in _WIDE


class Transcoded:
    """Runs a stage on UTF-8, whatever the body is in; the byte order mark stays in the text."""

    def __init__(self, stage: StreamRewriter, charset: str | None) -> None:
        self._stage = stage
        self._label = _WIDE.get(charset or "")
        self._start = b""
        self._wide: tuple[codecs.IncrementalDecoder, codecs.IncrementalEncoder] | None = None
        self._decided = False
        self._characters = codecs.getincrementaldecoder("utf-8")("surrogatepass")
        """Puts characters together again: a stage may cut inside one."""

    def feed(self, data: bytes) -> bytes:
        if not self._decided:
            self._start += data
            if len(self._start) < _LONGEST_MARK:
                return b""
            data = self._decide()
        return self._through(data, final=False)

    def flush(self) -> bytes:
        data = b"" if self._decided else self._decide()
        return self._through(data, final=True)

    def _decide(self) -> bytes:
        self._decided = True
        marked = (name for mark, name in _MARKS if self._start.startswith(mark))
        name = next(marked, self._label)
        if name:
            decoder = codecs.getincrementaldecoder(name)("surrogatepass")
            self._wide = decoder, codecs.getincrementalencoder(name)("surrogatepass")
        return self._start

    def _through(self, data: bytes, *, final: bool) -> bytes:
        if self._wide:
            data = self._wide[0].decode(data, final).encode("utf-8", "surrogatepass")
        out = (self._stage.feed(data) if data else b"") + (self._stage.flush() if final else b"")
        if self._wide:
            out = self._wide[1].encode(self._characters.decode(out, final), final)
        return out
