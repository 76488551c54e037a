"""What an API key may do: when, from where, for which models, and how often.

Decides from the key and the counters it is given; knows no database, no clock and no request. Of
the key itself only a hash is stored: it is random, so a fast hash is enough.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Literal, Protocol

from core.setting_values import Network

MARK = "gm_"
SHOWN_LENGTH = len(MARK) + 6
LONGEST_NAME = 80
SEEN_SECONDS = 60.0
"""`last_used_at` is written at most this often."""

_KEY = re.compile(r"gm_[A-Za-z0-9_-]{43}")
_MODEL = re.compile(r"[a-z0-9][a-z0-9._*/:-]{0,99}")

type Objection = Literal["disabled", "expired", "address"]


class ApiKeyError(ValueError):
    """The operator's mistake when making a key; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRules:
    """What the operator allows; None and empty mean no limit."""

    models: tuple[str, ...] = ()
    pools: frozenset[int] = frozenset()
    per_minute: int | None = None
    concurrency: int | None = None
    day_limit: int | None = None
    month_limit: int | None = None
    expires_at: float | None = None
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One API key as stored; `prefix` is all of its text that anybody still knows."""

    id: int
    name: str
    prefix: str
    rules: KeyRules
    enabled: bool
    created_at: float
    last_used_at: float | None = None
    user_id: int | None = None
    """Whose it is: his limits hold for it too, and it is dead when he is shut out."""

    def objection(self, address: str, now: float) -> Objection | None:
        """Why the key is not good for anything now, from this address."""
        if not self.enabled:
            return "disabled"
        if self.rules.expires_at is not None and self.rules.expires_at <= now:
            return "expired"
        return None if _is_within(address, self.rules.networks) else "address"

    def may_use(self, model: str) -> bool:
        """Whether a model's name, as a caller wrote it, is on the list."""
        name = model.strip().lower()
        plain = name.rpartition("/")[2].partition(":")[0]
        spellings = (name, plain, f"grok-{plain}")  # `fast` is `grok-fast`
        allowed = self.rules.models
        return not allowed or any(fnmatchcase(s, p) for s in spellings for p in allowed)

    def needs_touch(self, now: float) -> bool:
        return self.last_used_at is None or now - self.last_used_at >= SEEN_SECONDS


type Span = Literal["day", "month"]


class Limits(Protocol):
    """What a key and a user have in common."""

    @property
    def day_limit(self) -> int | None: ...
    @property
    def month_limit(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls that were made, days and months being those of UTC."""

    today: int = 0
    month: int = 0


@dataclass(frozen=True, slots=True)
class UsedUp:
    """A limit that leaves no further call, and whose it is."""

    whose: Literal["key", "user"]
    span: Span
    limit: int


def spent(rules: Limits, usage: Usage) -> Span | None:
    """Which limit leaves no further call."""
    if rules.month_limit is not None and usage.month >= rules.month_limit:
        return "month"
    if rules.day_limit is not None and usage.today >= rules.day_limit:
        return "day"
    return None


def used_up(whose: Literal["key", "user"], rules: Limits, usage: Usage) -> UsedUp | None:
    """The same, with what a caller is to be told of it."""
    span = spent(rules, usage)
    limit = rules.day_limit if span == "day" else rules.month_limit
    return None if span is None or limit is None else UsedUp(whose, span, limit)


def day_of(now: float) -> str:
    """`2026-11-23`; its first seven letters are the month."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")


def is_api_key(text: str) -> bool:
    """Whether this looks like a key of ours, living or not."""
    return _KEY.fullmatch(text) is not None


def key_name(text: str) -> str:
    """The name as stored; ApiKeyError for one that a list could not show."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise ApiKeyError(f"a key's name has 1 to {LONGEST_NAME} printable characters")
    return name


def parse_models(text: str) -> tuple[str, ...]:
    """A list of names, `*` standing for any rest: `grok-4, grok-3*`."""
    names = tuple(dict.fromkeys(word.lower() for word in re.split(r"[,\s]+", text) if word))
    for name in names:
        if not _MODEL.fullmatch(name):
            raise ApiKeyError(f"{name[:40]!r} is not a model's name")
    return names


def parse_addresses(words: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks the key may be used from."""
    found: list[Network] = []
    for word in words:
        for part in filter(None, re.split(r"[,\s]+", word)):
            try:
                found.append(ipaddress.ip_network(part, strict=False))
            except ValueError:
                message = f"{part[:50]!r} is not an address or network like 10.0.0.0/8"
                raise ApiKeyError(message) from None
    return tuple(found)


def parse_expiry(text: str, now: float) -> float:
    """`30d`, `12h`, or a date `2027-01-31`, good until that day has begun in UTC."""
    if found := re.fullmatch(r"(\d{1,5})([dh])", text):
        return now + int(found[1]) * (86_400.0 if found[2] == "d" else 3_600.0)
    try:
        moment = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ApiKeyError(f"{text[:40]!r} is not a time like 30d, 12h or 2027-01-31") from None
    if moment <= now:
        raise ApiKeyError(f"{text} is over")
    return moment


def _is_within(address: str, networks: tuple[Network, ...]) -> bool:
    if not networks:
        return True
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return any((mapped or ip) in network for network in networks)
