"""What an account has left in each mode, as bars and words: how much, until when, how we know."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from core.mode_state import ALL_MODES, ModeState
from core.quota import Source

KNOWN_MODES = ("auto", "fast", "expert", "heavy")
"""In the order of Grok's own menu; any other follows by its name."""
_LOW = 0.2
_KNOWN_REASONS = frozenset(
    {"rate_limited", "quota_used_up", "tier_too_low", "capacity", "challenged", "anti_bot"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLine:
    """One mode of one account."""

    mode: str
    left: int | None
    total: int | None
    percent: int
    tone: str
    resets_in: float | None
    source: Source
    learned_at: float
    resting_until: float | None
    reason: str
    """The key of a text, or the word as it was noted."""

    @classmethod
    def of(cls, state: ModeState, now: float) -> Self:
        """The line of this state."""
        quota, rest = state.quota, state.rest
        left, total = quota.left(now), quota.total
        share = min(left / total, 1.0) if total and left is not None else 0.0
        waits = quota.reset_at is not None and quota.reset_at > now
        is_resting = rest.is_resting(now)
        known = rest.reason in _KNOWN_REASONS
        return cls(
            mode=state.mode,
            left=left,
            total=total,
            percent=round(share * 100),
            tone=_tone(left, share, is_resting=is_resting),
            resets_in=quota.reset_at - now if waits and quota.reset_at else None,
            source=Source.UNKNOWN if left is None else quota.source,
            learned_at=quota.learned_at,
            resting_until=rest.until if is_resting else None,
            reason=f"reason_{rest.reason}" if known else rest.reason,
        )

    @property
    def reason_is_key(self) -> bool:
        return self.reason.startswith("reason_")


def quota_lines(states: Iterable[ModeState], now: float) -> list[QuotaLine]:
    """One line for each mode of one account, in the menu's order."""
    lines = [QuotaLine.of(state, now) for state in states if state.mode != ALL_MODES]
    return sorted(lines, key=_place)


def all_quota_lines(states: Iterable[ModeState], account_id: int, now: float) -> list[QuotaLine]:
    """The same, with the modes that nobody has asked for yet."""
    found = {state.mode: state for state in states}
    missing = [ModeState(account_id=account_id, mode=m) for m in KNOWN_MODES if m not in found]
    return quota_lines([*found.values(), *missing], now)


def _place(line: QuotaLine) -> tuple[int, str]:
    known = line.mode in KNOWN_MODES
    return (KNOWN_MODES.index(line.mode) if known else len(KNOWN_MODES), line.mode)


def _tone(left: int | None, share: float, *, is_resting: bool) -> str:
    if left is None:
        return "warn" if is_resting else "off"
    if left == 0:
        return "bad"
    return "warn" if is_resting or share <= _LOW else "ok"
