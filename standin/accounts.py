"""The Grok accounts the stand-in knows: tokens, tiers and the meter of each mode.

Knows nothing of HTTP; time comes in as seconds.
"""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

Tier = Literal["basic", "super", "heavy"]

QUOTAS: dict[str, dict[str, tuple[int, int]]] = {
    "basic": {"fast": (30, 86_400)},
    "super": {"auto": (50, 7_200), "fast": (140, 7_200), "expert": (50, 7_200)},
    "heavy": {
        "auto": (150, 7_200),
        "fast": (400, 7_200),
        "expert": (150, 7_200),
        "heavy": (20, 7_200),
    },
}
"""Tier → mode → (questions, seconds), as observed in 2026."""

DEFAULT_ACCOUNTS: tuple[tuple[str, Tier], ...] = (
    ("free", "basic"),
    ("super", "super"),
    ("heavy", "heavy"),
    ("spare", "super"),
    ("blocked", "super"),
)


@dataclass(slots=True)
class Meter:
    """Questions left in one mode of one account; refills when its window has passed."""

    total: int
    window: int
    used: int = 0
    since: float = 0.0

    def left(self, now: float) -> int:
        if self.used and now >= self.since + self.window:
            self.used = 0
        return max(0, self.total - self.used)

    def take(self, now: float) -> bool:
        """Spend one question; False when none is left."""
        if not self.left(now):
            return False
        if not self.used:
            self.since = now
        self.used += 1
        return True

    def wait(self, now: float) -> int:
        """Seconds until the window starts again."""
        return 0 if self.left(now) else max(1, int(self.since + self.window - now))


@dataclass(slots=True)
class Account:
    """One Grok account. `refusal` names the way every gated request of it fails, or is empty."""

    name: str
    sso: str = field(repr=False)
    user_id: str
    email: str
    tier: Tier
    refusal: str = ""
    meters: dict[str, Meter] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)

    def set_left(self, mode: str, left: int, now: float) -> None:
        """More than the mode has makes it have more."""
        meter = self.meters[mode]
        meter.total = max(meter.total, left)
        meter.used, meter.since = meter.total - left, now

    def public(self) -> dict[str, str]:
        """What a caller of the control API gets to know, the token included."""
        return {
            "name": self.name,
            "sso": self.sso,
            "user_id": self.user_id,
            "email": self.email,
            "tier": self.tier,
            "refusal": self.refusal,
        }


class AccountBook:
    """All accounts, found by name or by SSO token. Tokens are stable for a given seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._by_name: dict[str, Account] = {}
        self.restore()

    def restore(self) -> None:
        """Back to the accounts of the start."""
        self._by_name.clear()
        for name, tier in DEFAULT_ACCOUNTS:
            self.add(name, tier)
        self._by_name["blocked"].refusal = "blocked"

    def add(self, name: str, tier: str) -> Account:
        if tier not in get_args(Tier):
            raise ValueError(f"unknown tier: {tier}")
        identity = uuid.uuid5(uuid.NAMESPACE_URL, f"user:{self._seed}:{name}")
        account = Account(
            name=name,
            sso=_token(self._seed, name),
            user_id=str(identity),
            email=f"{name}@example.org",
            tier=tier,  # type: ignore[arg-type]  # checked above
            meters={mode: Meter(*quota) for mode, quota in QUOTAS[tier].items()},
        )
        self._by_name[name] = account
        return account

    def named(self, name: str) -> Account:
        return self._by_name[name]

    def with_token(self, sso: str) -> Account | None:
        return next((a for a in self._by_name.values() if hmac.compare_digest(a.sso, sso)), None)

    def with_user_id(self, user_id: str) -> Account | None:
        return next((a for a in self._by_name.values() if a.user_id == user_id), None)

    def __iter__(self) -> Iterator[Account]:
        return iter(list(self._by_name.values()))


def _token(seed: str, name: str) -> str:
    """HS256 JWT whose payload is only a session id, like the real cookie."""
    session_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"session:{seed}:{name}"))
    head = _part({"typ": "JWT", "alg": "HS256"})
    body = _part({"session_id": session_id})
    mac = hmac.new(seed.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64url(mac)}"


def _part(value: dict[str, str]) -> str:
    return base64url(json.dumps(value, separators=(",", ":")).encode())


def base64url(raw: bytes) -> str:
    """As in a JWT, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
