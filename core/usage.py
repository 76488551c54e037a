"""How much was asked in a span of time: sums of hours as bars of equal width, and their totals."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.flow_record import HOUR

SPANS = {"24h": (24, 1), "7d": (28, 6)}
"""How many bars a span has, and how many hours each of them holds."""


@dataclass(frozen=True, slots=True)
class HourTotal:
    """The sums of one hour."""

    hour: int
    requests: int
    failures: int
    bytes_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: from `start`, the height of either part in percent of the tallest bar."""

    start: int
    requests: int
    failures: int
    bytes_out: int
    well: float
    failed: float


@dataclass(frozen=True, slots=True)
class Series:
    """All bars of a span, oldest first."""

    span: str
    bars: Sequence[Bar]

    @property
    def requests(self) -> int:
        return sum(bar.requests for bar in self.bars)

    @property
    def failures(self) -> int:
        return sum(bar.failures for bar in self.bars)

    @property
    def bytes_out(self) -> int:
        return sum(bar.bytes_out for bar in self.bars)

    @property
    def success_percent(self) -> float | None:
        """Of a span without a request nothing can be said."""
        asked = self.requests
        return round(100 * (asked - self.failures) / asked, 1) if asked else None

    @property
    def tallest(self) -> int:
        return max((bar.requests for bar in self.bars), default=0)


def begins(span: str, now: float) -> int:
    """The hour that the span's first bar starts with; the last bar ends with this hour."""
    count, hours = SPANS[span]
    return int(now) // HOUR * HOUR - (count * hours - 1) * HOUR


def series(span: str, totals: Iterable[HourTotal], now: float) -> Series:
    """The bars of a span that ends now."""
    count, hours = SPANS[span]
    first, width = begins(span, now), hours * HOUR
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for total in totals:
        found = sums[(total.hour - first) // width]
        for place, value in enumerate((total.requests, total.failures, total.bytes_out)):
            found[place] += value
    tallest = max((sums[place][0] for place in range(count) if place in sums), default=0)
    return Series(span, [_bar(first + p * width, sums[p], tallest) for p in range(count)])


def _bar(start: int, sums: Sequence[int], tallest: int) -> Bar:
    requests, failures, bytes_out = sums
    scale = 100 / tallest if tallest else 0.0
    return Bar(
        start=start,
        requests=requests,
        failures=failures,
        bytes_out=bytes_out,
        well=round((requests - failures) * scale, 2),
        failed=round(failures * scale, 2),
    )
