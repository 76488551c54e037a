"""Whether a failed attempt is made again on another account. Pure: the time is passed in.

Only before the first event of substance: what a caller has seen is never taken back.
"""

from dataclasses import dataclass, field

from api_bridge.events import (
    Citation,
    Failed,
    FailureKind,
    Finished,
    GrokEvent,
    Image,
    SearchResult,
    Text,
    Thinking,
)

MOST_ATTEMPTS = 3
OWN = 0
"""Stands for the account of a caller who brought his own."""

_K = FailureKind
ABOUT_THE_ACCOUNT_OR_THE_MOMENT = frozenset(
    {
        _K.RATE_LIMITED, _K.EXHAUSTED, _K.CAPACITY, _K.SIGNED_OUT, _K.BLOCKED, _K.NO_ACCESS,
        _K.ANTI_BOT, _K.CHALLENGED, _K.REGION, _K.UNREACHABLE, _K.EMPTY, _K.CUT, _K.STALLED,
        _K.INTERNAL,
    }
)  # fmt: skip
"""The others speak about the request: they would be the same anywhere."""
_LESS_TELLING = (
    frozenset({_K.NO_ACCOUNT}),
    frozenset({_K.SIGNED_OUT, _K.BLOCKED, _K.NO_ACCESS}),
    frozenset({_K.RATE_LIMITED, _K.EXHAUSTED}),
    ABOUT_THE_ACCOUNT_OR_THE_MOMENT,
)
"""Each less than the one behind it, a kind counts where it comes first; what speaks about the
request tells most."""


def is_substance(event: GrokEvent) -> bool:
    """Whether the caller gets to see something of it."""
    return isinstance(event, Text | Thinking | SearchResult | Citation | Image | Finished)


@dataclass
class Attempts:
    """The attempts of one question; a tied one has its account and no other."""

    deadline: float
    is_tied: bool = False
    count: int = 0
    avoid: set[int] = field(default_factory=set)
    failures: list[Failed] = field(default_factory=list)

    def may_go_on(self, now: float) -> bool:
        """Whether, if the attempt under way fails, another could follow."""
        return not self.is_tied and self.count < MOST_ATTEMPTS and now < self.deadline

    def should_retry(self, failed: Failed, account_id: int | None, now: float) -> bool:
        """Take note of a failure; True when another account is to be asked."""
        self.failures.append(failed)
        if account_id:
            self.avoid.add(account_id)
        return failed.kind in ABOUT_THE_ACCOUNT_OR_THE_MOMENT and self.may_go_on(now)

    def verdict(self) -> Failed:
        """What the caller is told in the end: the most telling of all failures, the first of such
        as tell the same."""
        return max(self.failures, key=_tells)


def _tells(failed: Failed) -> int:
    ranks = (rank for rank, kinds in enumerate(_LESS_TELLING) if failed.kind in kinds)
    return next(ranks, len(_LESS_TELLING))


@dataclass
class TransportMemory:
    """Which accounts' sockets were refused where HTTP then worked."""

    seconds: float = 600.0
    _until: dict[int, float] = field(default_factory=dict)

    def note(self, account_id: int, now: float) -> None:
        self._until = {key: until for key, until in self._until.items() if until > now}
        self._until[account_id] = now + self.seconds

    def may_prefer_http(self, now: float) -> bool:
        """Whether it is worth knowing the account before it is asked."""
        return any(until > now for number, until in self._until.items() if number != OWN)

    def prefers_http(self, account_id: int, now: float) -> bool:
        return self._until.get(account_id, 0.0) > now


def may_survive_over_http(failed: Failed) -> bool:
    """Whether the refusal of a socket may be about sockets; what speaks of the account is not.

    Rules against bots look at headers, which are others over HTTP (grok-protocol §2).
    """
    return failed.kind in (
        _K.NOT_FOUND, _K.INVALID, _K.INTERNAL, _K.UNREACHABLE, _K.STALLED, _K.SWITCHED_OFF,
        _K.ANTI_BOT,
    )  # fmt: skip
