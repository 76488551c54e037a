"""The numbers and rows of the operator's first page; tokens and e-mails are masked here."""

from dataclasses import dataclass

import db
from core.account import DEAD, Account
from core.sso_token import masked

SHOWN = 100


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account as the table shows it."""

    id: int
    name: str
    email: str
    token: str
    state: str
    until: float
    reason: str
    users: int
    last_used_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The whole page."""

    accounts: int
    usable: int
    cooling: int
    dead: int
    users: int
    users_off: int
    egresses: int
    egresses_cooling: int
    lines: list[AccountLine]


def overview(now: float) -> Overview:
    """Count everything and mask the first accounts."""
    accounts, users, egresses = db.load_accounts(), db.load_users(), db.load_egresses()
    loads = db.count_users_by_account()
    return Overview(
        accounts=len(accounts),
        usable=sum(account.is_usable(now) for account in accounts),
        cooling=sum(account.enabled and account.is_cooling(now) for account in accounts),
        dead=sum(account.status in DEAD for account in accounts),
        users=len(users),
        users_off=sum(not user.may_sign_in(now) for user in users),
        egresses=sum(egress.enabled for egress in egresses),
        egresses_cooling=sum(egress.enabled and egress.is_cooling(now) for egress in egresses),
        lines=[_line(account, loads.get(account.id, 0), now) for account in accounts[:SHOWN]],
    )


def masked_email(email: str) -> str:
    """`ma••••0@gmail.com`: enough for whoever knows it."""
    name, at, host = email.partition("@")
    return f"{name[:2]}••••{name[-1:]}{at}{host}" if at else "••••"


def _line(account: Account, users: int, now: float) -> AccountLine:
    state = _state(account, now)
    return AccountLine(
        id=account.id,
        name=account.name,
        email=masked_email(account.email) if account.email else "",
        token=masked(account.sso_token),
        state=state,
        until=account.cooling_until,
        reason=account.cooling_reason if state == "cooling" else account.reason,
        users=users,
        last_used_at=account.last_used_at,
    )


def _state(account: Account, now: float) -> str:
    if not account.enabled:
        return "disabled"
    if account.status in DEAD:
        return account.status.value
    if account.is_cooling(now):
        return "cooling"
    return "challenged" if account.status.value == "challenged" else "ok"
