"""Turns what children print into log lines: cut, masked, prefixed, and never a flood.

Time is passed in. What a line means is nobody's business here.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator

LONGEST_LINE = 8 * 1024
SLACK = 1024  # a secret that straddles the cut is masked before the line is cut
IDENTICAL_PER_MINUTE = 50
_MOST_DISTINCT = 2_000

# Without the stamp and nginx's connection number two equal complaints are equal.
_STAMP = re.compile(
    r"^\[?\d{4}[-/]\d\d[-/]\d\d[T ][\d:.,]+(?:\s?[+-]\d\d:?\d\d|Z)?\]?\s*|\d+#\d+: \*\d+ "
)


class LineSplitter:
    """Bytes in, whole lines out; of an endless line only its beginning is kept."""

    def __init__(self, limit: int = LONGEST_LINE + SLACK) -> None:
        self._limit = limit
        self._line = bytearray()

    def feed(self, data: bytes) -> Iterator[str]:
        """The lines that `data` completes."""
        *complete, rest = data.split(b"\n")
        for piece in complete:
            self._keep(piece)
            yield self._take()
        self._keep(rest)

    def flush(self) -> Iterator[str]:
        """The unfinished last line, if any."""
        if self._line:
            yield self._take()

    def _keep(self, piece: bytes) -> None:
        room = max(self._limit - len(self._line), 0)
        self._line += piece[:room]

    def _take(self) -> str:
        text = self._line.decode("utf-8", "replace").rstrip("\r")
        self._line.clear()
        return text


class RepeatLimiter:
    """Lets an identical line through 50 times a minute, then counts what it holds back."""

    def __init__(self, limit: int = IDENTICAL_PER_MINUTE) -> None:
        self._limit = limit
        self._window = 0.0
        self._seen: Counter[str] = Counter()

    def admit(self, line: str, now: float) -> Iterator[str]:
        """The line, or nothing; at the turn of a minute also what was held back in the last."""
        if now - self._window >= 60 or len(self._seen) >= _MOST_DISTINCT:
            yield from self.summary()
            self._window = now
            self._seen.clear()
        key = _STAMP.sub("", line)
        self._seen[key] += 1
        if self._seen[key] <= self._limit:
            yield line

    def summary(self) -> Iterator[str]:
        """One line for each text that was held back."""
        for text, count in self._seen.items():
            if count > self._limit:
                yield f"{text[:200]} … repeated {count - self._limit} more times"


class LogLines:
    """One child's output on its way to the operator."""

    def __init__(self, name: str, mask: Callable[[str], str], write: Callable[[str], None]) -> None:
        self._prefix = f"{name:<8} | "
        self._mask = mask
        self._write = write
        self._splitter = LineSplitter()
        self._limiter = RepeatLimiter()

    def feed(self, data: bytes, now: float) -> None:
        """Log the lines `data` completes."""
        for line in self._splitter.feed(data):
            self.say(line, now)

    def flush(self, now: float) -> None:
        """The child is gone: log what is left."""
        for line in self._splitter.flush():
            self.say(line, now)
        for line in self._limiter.summary():
            self._write(self._prefix + line)

    def say(self, line: str, now: float) -> None:
        """Log one line."""
        masked = _printable(self._mask(line))[:LONGEST_LINE]
        for admitted in self._limiter.admit(masked, now):
            self._write(self._prefix + admitted)


def _printable(line: str) -> str:
    """Without control characters: upstream text must not drive the operator's terminal."""
    return "".join(c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in line)
