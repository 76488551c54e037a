"""What an account may still ask in one mode: read from Grok's own meter, or counted here.

The meter is advice, not truth (it can show plenty while chat answers 429), so what a refusal says
weighs more than what was measured before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from core.waits import bounded, wait_in


class Source(StrEnum):
    """How we know."""

    MEASURED = "measured"
    """Grok's meter said so."""
    ESTIMATED = "estimated"
    """Measured once and counted down since, or told by a refusal."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Questions left in one mode; None for what nobody has said."""

    remaining: int | None = None
    total: int | None = None
    window: float | None = None
    """Seconds in which `total` questions may be asked."""
    reset_at: float | None = None
    """When there are some again, as far as we know."""
    source: Source = Source.UNKNOWN
    learned_at: float = 0.0

    def left(self, now: float) -> int | None:
        """Questions left by now: a window that is over has begun anew."""
        if self.reset_at is not None and now >= self.reset_at:
            return self.total
        return self.remaining

    def age(self, now: float) -> float | None:
        """Seconds since somebody said so."""
        return None if self.source is Source.UNKNOWN else max(now - self.learned_at, 0.0)


UNKNOWN = Quota()


def measured(body: Mapping[str, object], now: float) -> Quota | None:
    """From an answer of `/rest/rate-limits`, with or without the two efforts; None = none."""
    remaining, total = _count(body, "remainingQueries"), _count(body, "totalQueries")
    if remaining is None or not total:  # a total of nought: Grok does not meter this name
        return None
    window = _count(body, "windowSizeSeconds")
    wait = wait_in(body) if remaining == 0 else None
    reset = wait if wait is not None else bounded(float(window or 0))
    return Quota(
        remaining=remaining,
        total=total,
        window=float(window) if window else None,
        reset_at=None if reset is None else now + reset,
        source=Source.MEASURED,
        learned_at=now,
    )


def spent(quota: Quota, now: float) -> Quota:
    """One question later."""
    left = quota.left(now)
    if left is None:
        return quota
    begins = quota.reset_at is None or now >= quota.reset_at
    return replace(
        quota,
        remaining=max(left - 1, 0),
        reset_at=now + quota.window if begins and quota.window else quota.reset_at,
        source=Source.ESTIMATED,
        learned_at=now,
    )


def used_up(quota: Quota, until: float, now: float) -> Quota:
    """After a refusal: nothing is left, whatever the meter shows."""
    return replace(quota, remaining=0, reset_at=until, source=Source.ESTIMATED, learned_at=now)


def _count(body: Mapping[str, object], name: str) -> int | None:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 10**9 else None
