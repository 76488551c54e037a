"""What a user is and what he may have: a person allowed to use the mirror.

Knows nothing of passwords or rows. How often he has asked is `core.allowance`'s business.
"""

import re
from dataclasses import dataclass, field

MOST = 999_999_999
LONGEST_NOTE = 200

_MODE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_NO_LIMIT = frozenset({"", "none", "-"})


class UserRulesError(ValueError):
    """The operator's mistake when saying what a user may have; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRules:
    """What the operator allows; None and empty mean no limit."""

    modes: tuple[str, ...] = ()
    day_limit: int | None = None
    month_limit: int | None = None
    pools: frozenset[int] = frozenset()

    def may_use_mode(self, mode: str) -> bool:
        """Whether a mode of Grok's is on the list; one that nobody has named is on no list."""
        return not self.modes or mode in self.modes


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person; `name` is the normal form that identifies him, `display_name` what he typed."""

    id: int
    name: str
    display_name: str
    has_password: bool = False
    enabled: bool = True
    account_id: int | None = None
    account_chosen: bool = False
    """True when the user picked the account himself, False when the pool assigned it."""
    created_at: float = 0.0
    expires_at: float | None = None
    note: str = ""
    is_guest: bool = False
    rules: UserRules = field(default_factory=UserRules)

    def may_sign_in(self, now: float) -> bool:
        return self.enabled and (self.expires_at is None or self.expires_at > now)


def caller_name(user_id: int) -> str:
    """How a user is named where callers of all kinds are, as owners and in records."""
    return f"user:{user_id}"


def parse_modes(text: str) -> tuple[str, ...]:
    """Modes of Grok's, `fast, auto`; `all` and nothing mean every mode."""
    names = tuple(dict.fromkeys(word.lower() for word in re.split(r"[,\s]+", text) if word))
    if names == ("all",):
        return ()
    for name in names:
        if not _MODE.fullmatch(name):
            raise UserRulesError(f"{name[:40]!r} is not a mode like auto, fast, expert or heavy")
    return names


def parse_limit(text: str) -> int | None:
    """A number of questions; `none` and nothing mean no limit."""
    word = text.strip().lower()
    if word in _NO_LIMIT:
        return None
    if not (word.isascii() and word.isdecimal() and int(word[:10]) <= MOST):
        raise UserRulesError(f"{text[:40]!r} is not a number of questions, or none")
    return int(word)


def tidy_note(text: str) -> str:
    """One line that a list can show."""
    line = " ".join(text.split())
    if not line.isprintable():
        raise UserRulesError("a note has printable characters only")
    return line[:LONGEST_NOTE]
