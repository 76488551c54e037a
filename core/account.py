"""What a Grok account is: the one value the pool lends, as loaded from the database.

Knows nothing of rows, leases or cookies on the wire; every secret field is kept out of `repr`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

NO_COOKIES: Mapping[str, str] = MappingProxyType({})


class AccountStatus(StrEnum):
    """What the traffic has taught us about an account, apart from cooling and `enabled`."""

    UNKNOWN = "unknown"
    """Never used since it was added."""
    OK = "ok"
    SIGNED_OUT = "signed_out"
    """Grok answered 401 or an explicit marker: the SSO token is dead."""
    BLOCKED = "blocked"
    """Grok says the account itself is barred."""
    CHALLENGED = "challenged"
    """Cloudflare or an anti-bot check stands in the way; not the token's fault."""


class Traffic(StrEnum):
    """Which door an account is lent through."""

    BOTH = "both"
    WEB = "web"
    API = "api"
    RESERVE = "reserve"
    """Both, when nobody else may be lent."""


DEAD = frozenset({AccountStatus.SIGNED_OUT, AccountStatus.BLOCKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One Grok account we may spend."""

    NOT_STORED: ClassVar[int] = 0
    """The id of an account that a caller brought himself: used for his call and forgotten."""

    id: int
    name: str
    sso_token: str = field(repr=False)
    user_agent: str | None = None
    extra_cookies: Mapping[str, str] = field(default=NO_COOKIES, repr=False)
    """What the operator pasted beside the SSO token (cf_clearance, sso-rw when it differs)."""
    jar: Mapping[str, str] = field(default=NO_COOKIES, repr=False)
    """Cookies Grok set on this account, kept here instead of in the browser."""
    upstream_user_id: str | None = None
    email: str | None = field(default=None, repr=False)
    egress_id: int | None = None
    enabled: bool = True
    private_to: int | None = None
    """The only user who may use it; None means shared, so house rules apply."""
    cooling_until: float = 0.0
    cooling_reason: str = ""
    status: AccountStatus = AccountStatus.UNKNOWN
    reason: str = ""
    """One sentence for the operator on why `status` is what it is."""
    failures: int = 0
    created_at: float = 0.0
    last_used_at: float | None = None
    remark: str = ""
    tier: str = ""
    """What Grok says the account has paid for: basic, super, heavy; empty while unknown."""
    traffic: Traffic = Traffic.BOTH
    draining: bool = False
    """Nobody new is put on it; who rides it stays."""
    priority: int = 0
    """The higher, the sooner it is lent, where the strategy goes by that."""
    concurrency: int | None = None
    """Chats it has at the same time; None is what the settings say."""
    tested_at: float | None = None
    verdict: str = ""
    """What the operator's last test found (`core.account_trial.Verdict`)."""
    tags: tuple[str, ...] = ()
    """Words the operator finds it by."""
    deleted_at: float | None = None
    """When the operator deleted it; kept for a week, so that he may change his mind."""

    @property
    def is_stored(self) -> bool:
        return self.id != self.NOT_STORED

    def is_cooling(self, now: float) -> bool:
        return self.cooling_until > now

    def is_usable(self, now: float) -> bool:
        return self.enabled and self.status not in DEAD and not self.is_cooling(now)
