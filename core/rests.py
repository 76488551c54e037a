"""What each outcome puts to rest, and for how long: an account in one mode, an account, an egress.

Steps grow exponentially and are forgiven by one good answer. While something already rests, more
of the same adds nothing: fifty open requests that fail at once are one event. After a rest, one
call goes ahead as a probe before the others follow (`is_on_probation`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from core.outcomes import Outcome


class Scope(Enum):
    """What rests."""

    MODE = "mode"
    """The account, in the mode that was asked for; the whole account when none was."""
    ACCOUNT = "account"
    EGRESS = "egress"


@dataclass(frozen=True, slots=True)
class Rule:
    """`after` so many in a row, rest `first` seconds, then twice that, up to `longest`."""

    scope: Scope
    first: float
    longest: float
    after: int = 1


RULES: Mapping[Outcome, Rule] = {
    Outcome.RATE_LIMITED: Rule(Scope.MODE, 60, 3_600),
    Outcome.QUOTA_USED_UP: Rule(Scope.MODE, 600, 7_200),
    Outcome.TIER_TOO_LOW: Rule(Scope.MODE, 3_600, 86_400),
    Outcome.CAPACITY: Rule(Scope.MODE, 10, 120),
    Outcome.CHALLENGED: Rule(Scope.ACCOUNT, 300, 3_600),
    Outcome.ANTI_BOT: Rule(Scope.ACCOUNT, 30, 600, after=3),
    Outcome.FAILED: Rule(Scope.ACCOUNT, 15, 300, after=5),
    Outcome.REGION: Rule(Scope.EGRESS, 300, 3_600),
}
"""SIGNED_OUT and BLOCKED are not here: they end a lease of life, not a moment."""


@dataclass(frozen=True, slots=True)
class Rest:
    """How something has been doing: `failures` in a row, the last one for `reason`."""

    until: float = 0.0
    failures: int = 0
    reason: str = ""

    def is_resting(self, now: float) -> bool:
        return now < self.until

    @property
    def is_on_probation(self) -> bool:
        """It has rested and nothing good has come of it yet: one call at a time."""
        return self.failures > 0 and self.until > 0


WELL = Rest()


def rested_after(rest: Rest, outcome: Outcome, wait: float | None, now: float) -> Rest:
    """The same thing one bad answer later; `wait` is what Grok asked for itself."""
    rule = RULES[outcome]
    if rest.is_resting(now):
        asked = now + wait if wait is not None else 0.0
        return Rest(max(rest.until, asked), rest.failures, rest.reason)
    failures = rest.failures + 1 if rest.reason == outcome.value else 1
    if wait is None and failures < rule.after:
        return Rest(rest.until, failures, outcome.value)
    step = min(rule.first * float(1 << min(max(failures - rule.after, 0), 16)), rule.longest)
    return Rest(now + (wait if wait is not None else step), failures, outcome.value)
