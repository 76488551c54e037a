"""An invitation: who has its code makes himself a user, with what the operator has decided.

The code is random; only its hash is stored.
"""

import re
from dataclasses import dataclass, field

from core.user import UserRules

MOST_USES = 10_000
LONGEST_DAYS = 3650
_SPAN = re.compile(r"([0-9]{1,5})([dh])")


class InviteError(ValueError):
    """The operator's mistake when making one; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """One invitation as stored; `used` counts those who have come by it."""

    id: int
    note: str
    created_at: float
    expires_at: float
    uses_left: int
    used: int = 0
    user_seconds: float | None = None
    """How long those who come by it may stay; None for as long as they like."""
    rules: UserRules = field(default_factory=UserRules)

    def is_open(self, now: float) -> bool:
        return self.uses_left > 0 and self.expires_at > now


def parse_span(text: str) -> float:
    """`7d` or `12h`, in seconds."""
    found = _SPAN.fullmatch(text.strip())
    seconds = int(found[1]) * (86_400.0 if found[2] == "d" else 3_600.0) if found else 0.0
    if not 0 < seconds <= LONGEST_DAYS * 86_400:
        raise InviteError(f"{text[:40]!r} is not a time like 7d or 12h")
    return seconds


def parse_uses(text: str) -> int:
    """How many may come by it."""
    word = text.strip()
    if not (word.isascii() and word.isdecimal() and 0 < int(word[:9]) <= MOST_USES):
        raise InviteError(f"{text[:40]!r} is not a number from 1 to {MOST_USES}")
    return int(word)
