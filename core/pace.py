"""How often small pieces of a stream are worth being handed on. Pure: the time is passed in.

A reader sees no difference between twenty and fifty pieces a second; every hop that handles them
does. And a process that has more to do than it can had better do it in fewer, larger pieces than
late.
"""

from dataclasses import dataclass, field

AT_ONCE = 20
"""Pieces that wait for nothing: a greeting, first words."""
LATE, IN_TIME = 0.02, 0.01
LONGEST_GAP = 0.25
_SHORTEST_GAP = 0.02
"""Shorter ones gather nothing."""


@dataclass(slots=True)
class Tempo:
    """What the streams of a process share: a gap between pieces that grows while it is late with
    its work and shrinks while it is not."""

    gap: float = 0.0
    """Seconds."""

    def note(self, lateness: float) -> None:
        """How late something has just been done that was due at a certain time, in seconds; to be
        told some ten times a second."""
        if lateness > LATE:
            self.gap = min(LONGEST_GAP, max(_SHORTEST_GAP, self.gap * 1.1))
        elif lateness < IN_TIME:
            self.gap *= 0.9
        else:
            self.gap *= 0.99
        if self.gap < _SHORTEST_GAP:
            self.gap = 0.0


@dataclass(slots=True)
class Pace:
    """A number of pieces at once; after them one a gap, the stream's own or that of the process."""

    tempo: Tempo = field(default_factory=Tempo)
    gap: float = 0.0
    """Seconds, of this stream; 0 leaves it to the tempo."""
    _left: float = field(default=AT_ONCE, init=False)
    _counted_at: float = field(default=0.0, init=False)

    def begin_anew(self) -> None:
        """Something else was asked: what is said to that waits for nothing either."""
        self._left = AT_ONCE

    def spend(self, now: float) -> float:
        """A piece has come; seconds until the next one should be fetched."""
        gap = max(self.gap, self.tempo.gap)
        earned = (now - self._counted_at) / gap if gap else AT_ONCE
        self._left = min(AT_ONCE, self._left + earned) - 1
        self._counted_at = now
        return min(gap, max(0.0, -self._left * gap))
