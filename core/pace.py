"""How often small pieces of a stream are worth being handed on. Pure: the time is passed in.

A reader sees no difference between twenty and fifty pieces a second; every hop that handles them
does.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Pace:
    """A number of pieces at once, so that greetings and first words wait for nothing; after them
    so many a second."""

    at_once: float
    a_second: float
    _left: float = field(default=0.0, init=False)
    _counted_at: float | None = field(default=None, init=False)

    def begin_anew(self) -> None:
        """Something else was asked: what is said to that waits for nothing either."""
        self._counted_at = None

    def spend(self, now: float) -> float:
        """A piece has come; seconds until the next one should be fetched."""
        if self._counted_at is None:
            self._left = self.at_once
        else:
            earned = (now - self._counted_at) * self.a_second
            self._left = min(self.at_once, self._left + earned)
        self._counted_at = now
        self._left -= 1
        return max(0.0, -self._left / self.a_second)
