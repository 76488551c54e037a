"""How long a turn may be silent, and how often its caller hears that it is alive. No clock inside.

Before its first words a turn is given less time where another account could be asked instead;
after them it is only ended when nothing at all has come for long.
"""

from dataclasses import dataclass

from api_bridge.events import Failed, FailureKind

_STALLED = Failed(FailureKind.STALLED, "Grok has been silent for too long.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds."""

    first_word: float = 25.0
    """Of silence before anything of substance, while there may be another account to ask."""
    idle: float = 150.0
    """Of silence in the middle; heavy modes think long, but tell that they do."""
    tell: float = 10.0
    """Between two signs of life to the caller."""
    ping: float = 25.0
    """Between two pings on Grok's socket."""
    failover: float = 30.0
    """Since the start; after that no further account is asked."""


class SilenceWatch:
    """One attempt, as its reader hears it; it starts to count when the question is on its way."""

    def __init__(self, patience: Patience, now: float, *, may_retry: bool) -> None:
        self._patience = patience
        self._limit = patience.first_word if may_retry else patience.idle
        self._heard: float | None = None
        self._told = now

    def heard(self, now: float) -> None:
        """Grok gave a sign of life, whatever it was, or was asked at this moment."""
        self._heard = now

    def told(self, now: float) -> None:
        """The caller was shown that the turn is alive. What Grok says does not count: thoughts may
        be hidden, and JSON is held back until it is whole."""
        self._told = now

    def began(self) -> None:
        """The answer has begun: from now on there is no other account for it."""
        self._limit = self._patience.idle

    def wait(self, now: float) -> float:
        """Seconds until something is due."""
        dues = [self._told + self._patience.tell]
        if self._heard is not None:
            dues.append(self._heard + self._limit)
        return max(0.0, min(dues) - now)

    def stalled(self, now: float) -> Failed | None:
        """The failure, when the silence has lasted too long."""
        if self._heard is None or now - self._heard < self._limit:
            return None
        return _STALLED

    def must_tell(self, now: float) -> bool:
        return now - self._told >= self._patience.tell
