"""Whether a question may still be asked: in which mode, and how often within a day and a month.

Days and months are those of UTC. Counters are kept elsewhere.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal

from core.api_key import Span, Usage, spent
from core.user import UserRules

type Objection = Literal["mode", "day", "month"]


def objection(rules: UserRules, usage: Usage, modes: frozenset[str]) -> Objection | None:
    """Why a question that names these modes is not asked; empty when it names none."""
    if rules.modes and not (modes and all(map(rules.may_use_mode, modes))):
        return "mode"
    return spent(rules, usage)


def seconds_until_reset(over: Span, now: float) -> float:
    """Until the limit that is used up begins anew."""
    moment = datetime.fromtimestamp(now, UTC)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight + timedelta(days=1)
    # The first of a month is at most 31 days after any of the month before.
    reset = day if over == "day" else (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    return max(1.0, reset.timestamp() - now)


def left_of(rules: UserRules, usage: Usage) -> tuple[Span, int] | None:
    """How many questions are left, and until what; None without a limit. The tighter one counts."""
    limits: tuple[tuple[Span, int | None, int], ...] = (
        ("day", rules.day_limit, usage.today),
        ("month", rules.month_limit, usage.month),
    )
    left = [(over, max(0, most - used)) for over, most, used in limits if most is not None]
    return min(left, key=lambda one: one[1], default=None)
