"""One account as the operator sees it: masked, with its state in a word and a reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.account import Account, AccountStatus, Traffic
from core.account_list import AccountState, state_of
from core.egress import Egress
from core.sso_token import masked

TONES = {
    AccountState.USABLE: "ok",
    AccountState.COOLING: "warn",
    AccountState.CHALLENGED: "warn",
    AccountState.DEAD: "bad",
    AccountState.DISABLED: "off",
    AccountState.DELETED: "off",
}
_KNOWN_REASONS = frozenset(
    {"paused", "challenged", "rate_limited", "signed_out", "blocked", "anti_bot", "region"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """A row of the list."""

    id: int
    name: str
    remark: str
    email: str
    token: str
    tier: str
    state: AccountState
    tone: str
    until: float
    reason: str
    """The key of a text, or Grok's own words."""
    reason_is_key: bool
    egress: str
    egress_off: bool
    users: int
    is_private: bool
    roles: tuple[tuple[str, object], ...]
    """What is not as usual about its part in the pool: keys of texts, each with a number."""
    last_used_at: float | None
    created_at: float


def account_line(
    account: Account, users: Mapping[int, int], egresses: Mapping[int, Egress], now: float
) -> AccountLine:
    """The row of this account."""
    state = state_of(account, now)
    reason = _reason(account, state)
    egress = egresses.get(account.egress_id or 0)
    return AccountLine(
        id=account.id,
        name=account.name,
        remark=account.remark,
        email=masked_email(account.email) if account.email else "",
        token=masked(account.sso_token),
        tier=account.tier,
        state=state,
        tone=TONES[state],
        until=account.cooling_until,
        reason=f"reason_{reason}" if reason in _KNOWN_REASONS else reason,
        reason_is_key=reason in _KNOWN_REASONS,
        egress=egress.spec.masked if egress else "",
        egress_off=bool(egress and not egress.is_healthy(now)),
        users=users.get(account.id, 0),
        is_private=account.private_to is not None,
        roles=_roles(account),
        last_used_at=account.last_used_at,
        created_at=account.created_at,
    )


def _roles(account: Account) -> tuple[tuple[str, object], ...]:
    found: list[tuple[str, object]] = [("role_draining", "")] if account.draining else []
    if account.traffic is not Traffic.BOTH:
        found.append((f"role_badge_{account.traffic.value}", ""))
    if account.priority:
        found.append(("role_badge_priority", account.priority))
    if account.concurrency:
        found.append(("role_badge_concurrency", account.concurrency))
    return tuple(found)


def masked_email(email: str) -> str:
    """`ma••••0@gmail.com`: enough for whoever knows it."""
    name, at, host = email.partition("@")
    return f"{name[:2]}••••{name[-1:]}{at}{host}" if at else "••••"


def _reason(account: Account, state: AccountState) -> str:
    if state is AccountState.COOLING:
        return account.cooling_reason
    if state is AccountState.USABLE and account.status is AccountStatus.UNKNOWN:
        return ""
    return account.reason.removeprefix("Grok: ")
