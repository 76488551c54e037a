"""What the operator says a user may have, as typed on the command line or filled into a form.

None leaves a thing as it is; whatever cannot be understood is a ValueError that says what to do.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import db
from core.api_key import parse_expiry
from core.user import User, UserRules, parse_limit, parse_modes, tidy_note

_NO_END = frozenset({"", "never", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleWishes:
    """The words, not yet looked at."""

    expires: str | None = None
    day_limit: str | None = None
    month_limit: str | None = None
    modes: str | None = None
    pools: str | None = None
    note: str | None = None

    def rules(self, now_are: UserRules) -> UserRules:
        """The rules with these wishes heeded."""
        rules = now_are
        if self.day_limit is not None:
            rules = replace(rules, day_limit=parse_limit(self.day_limit))
        if self.month_limit is not None:
            rules = replace(rules, month_limit=parse_limit(self.month_limit))
        if self.modes is not None:
            rules = replace(rules, modes=parse_modes(self.modes))
        if self.pools is not None:
            rules = replace(rules, pools=parse_pools(self.pools))
        return rules

    def end(self, now_is: float | None, now: float) -> float | None:
        """When it is over for the user."""
        if self.expires is None:
            return now_is
        return None if self.expires.strip() in _NO_END else parse_expiry(self.expires.strip(), now)

    def apply(self, user: User, now: float) -> None:
        """Write it down."""
        db.change_user(
            user.id,
            note=user.note if self.note is None else tidy_note(self.note),
            expires_at=self.end(user.expires_at, now),
            rules=self.rules(user.rules),
        )


def parse_pools(text: str) -> frozenset[int]:
    """Names with commas between them; `all` and nothing tie to no pool, so to every account."""
    names = [" ".join(part.split()) for part in text.split(",") if part.strip()]
    return frozenset() if names == ["all"] else frozenset(map(pool_id, names))


def pool_id(name: str) -> int:
    """The number of the pool that is meant."""
    pool = db.find_pool(name)
    if pool is None:
        known = ", ".join(pool.name for pool in db.load_pools()) or "—"
        raise ValueError(f"没有这个号池 / there is no pool {name!r} ({known})")
    return pool.id


def pool_names(ids: Iterable[int]) -> list[str]:
    """The names of these pools, in order."""
    wanted = frozenset(ids)
    return [pool.name for pool in db.load_pools() if pool.id in wanted] if wanted else []
