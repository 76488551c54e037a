"""How fast this machine is beside the one that the targets were set on, and loads in proportion.

A machine of half the speed under the whole load queues where the other one is half idle: its delays
say nothing of ours. So the load is also given stretched in time, and the delays shrunk by as much.
"""

import statistics
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load, subjects

REFERENCE_MS = 1.40
"""CPU of a bare `mitmdump -q` for a small JSON answer, where the targets were set."""
_TIMES, _ROUNDS = 300, 5


@dataclass(frozen=True, slots=True)
class Load:
    """Streams of tokens, `slowness` times slower than the targets say."""

    slowness: float = 1.0

    def waits(self, streams: int) -> list[float]:
        """Seconds until each is opened: fifty a second."""
        return [number * self.slowness / 50 for number in range(streams)]

    @property
    def gap_ms(self) -> int:
        """Between the tokens of a stream."""
        return round(20 * self.slowness)

    @property
    def name(self) -> str:
        """Behind the name of a row."""
        return ", in proportion" if self.slowness > 1 else ""

    def shrunk(self, delay_ms: float) -> float:
        """Milliseconds of the other machine."""
        return delay_ms / self.slowness


def slowness(upstream: int, folder: Path) -> float:
    """How many times slower this machine is; 1 for one that is not."""
    with subjects.mitmdump(upstream, folder) as subject:
        request = subject.request("main", "/small")
        rounds = [load.cpu_ms(subject, request, _TIMES, 8) for _ in range(_ROUNDS)]
    return slowness_of(statistics.median(rounds))


def slowness_of(small_json_ms: float) -> float:
    """The same by what mitmdump was seen to take."""
    return max(1.0, small_json_ms / REFERENCE_MS)
