"""Accounts: rows to frozen values and back, with their secrets sealed on the way in."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.account import DEAD, NO_COOKIES, Account, AccountStatus, Traffic
from core.pools import EVERYTHING, Reach
from core.sso_token import PastedAccount, token_hash
from db.connection import call, changing, sealer, writing
from db.tables import AccountRow

_SSO, _EXTRA, _JAR = "account.sso", "account.extra", "account.jar"


NOT_DELETED = AccountRow.deleted_at.is_null()
"""What the operator has deleted is there for him alone, and for a week."""


@dataclass(frozen=True, slots=True)
class AddedAccount:
    """What became of one pasted account; `is_new` is False for one that was there before."""

    id: int
    is_new: bool


@call
def load_accounts() -> list[Account]:
    """Every account, secrets opened; SealBrokenError when the key does not fit."""
    return [account_value(row) for row in _kept().order_by(AccountRow.id)]


@call
def load_account(account_id: int) -> Account | None:
    """One account, or None when there is none of this id."""
    row = AccountRow.get_or_none((AccountRow.id == account_id) & NOT_DELETED)
    return None if row is None else account_value(row)


@call
def tiers_on_offer(within: Reach = EVERYTHING) -> frozenset[str]:
    """Tiers of the shared accounts that an API caller of this reach may be lent; empty for those
    not known yet."""
    open_to_api = AccountRow.traffic.in_([Traffic.BOTH, Traffic.API, Traffic.RESERVE])
    lent = AccountRow.enabled & open_to_api & AccountRow.private_to.is_null()
    alive = AccountRow.status.not_in(list(DEAD)) & ~AccountRow.draining & NOT_DELETED
    columns = (AccountRow.id, AccountRow.tier)
    rows: Any = AccountRow.select(*columns).where(lent & alive).tuples()
    return frozenset(str(tier) for number, tier in rows if within.holds(number))


@call
def account_page(page: int, page_size: int) -> tuple[list[Account], int]:
    """One page (from 1) in the order of addition, and how many accounts there are."""
    query = _kept().order_by(AccountRow.id)
    return [account_value(row) for row in query.paginate(page, page_size)], query.count()


@call
def add_account(
    pasted: PastedAccount,
    *,
    name: str = "",
    email: str | None = None,
    user_agent: str | None = None,
    private_to: int | None = None,
) -> AddedAccount:
    """Keep a pasted account; one with the same SSO token is the same account."""
    digest = token_hash(pasted.sso_token)
    with writing():
        known = AccountRow.get_or_none(AccountRow.token_hash == digest)
        if known is not None:
            return AddedAccount(known.id, is_new=_brought_back(known))
        row = AccountRow.create(
            name=name,
            sso_token="",
            token_hash=digest,
            upstream_user_id=pasted.upstream_user_id,
            email=email,
            user_agent=user_agent,
            private_to=private_to,
            created_at=time.time(),
        )
        _seal_new(row, pasted)
    return AddedAccount(row.id, is_new=True)


@call
def find_account_by_token(sso_token: str) -> Account | None:
    """The account with exactly this SSO token."""
    same = AccountRow.token_hash == token_hash(sso_token)
    row = AccountRow.get_or_none(same & NOT_DELETED)
    return None if row is None else account_value(row)


@call
def account_emails() -> list[tuple[int, str]]:
    """The id and e-mail of every account that has one."""
    rows = AccountRow.select(AccountRow.id, AccountRow.email).where(
        AccountRow.email.is_null(False) & NOT_DELETED
    )
    return [(row.id, row.email or "") for row in rows.order_by(AccountRow.id)]


@call
def bind_egress(account_id: int, egress_id: int | None) -> None:
    """Let the account leave by this egress from now on."""
    _change(account_id, egress_id=egress_id)


@call
def cool_account(account_id: int, until: float, reason: str) -> None:
    """Do not lend the account before this moment."""
    _change(account_id, cooling_until=until, cooling_reason=reason)


@call
def mark_account(account_id: int, status: AccountStatus, reason: str = "") -> None:
    """What the traffic has taught us; a good answer forgives earlier failures."""
    failures = 0 if status is AccountStatus.OK else AccountRow.failures + 1
    _change(account_id, status=status.value, reason=reason, failures=failures)


@call
def learn_account(account_id: int, *, upstream_user_id: str | None, email: str | None) -> None:
    """Keep who Grok says the account is."""
    known = {"upstream_user_id": upstream_user_id, "email": email}
    _change(account_id, **{name: value for name, value in known.items() if value})


@call
def set_account(
    account_id: int,
    *,
    name: str | None = None,
    enabled: bool | None = None,
    user_agent: str | None = None,
) -> None:
    """Change what the operator decides; None leaves a value as it is."""
    wanted = {"name": name, "enabled": enabled, "user_agent": user_agent}
    _change(account_id, **{field: value for field, value in wanted.items() if value is not None})


@call
def make_private(account_id: int, user_id: int | None) -> None:
    """Reserve the account for one user, or share it again."""
    _change(account_id, private_to=user_id)


@call
def set_extra_cookies(account_id: int, cookies: Mapping[str, str]) -> None:
    """Replace the cookies the operator supplies beside the SSO token."""
    _change(account_id, extra_cookies=_sealed_cookies(_EXTRA, account_id, cookies))


@call
def save_jar(account_id: int, jar: Mapping[str, str]) -> None:
    """Replace the cookies Grok has set on the account; no change, no new revision."""
    with writing():
        row = AccountRow.get_or_none(AccountRow.id == account_id)
        if row is None or _opened_cookies(_JAR, row.id, row.jar) == dict(jar):
            return
        with changing():
            row.jar = _sealed_cookies(_JAR, account_id, jar)
            row.save(only=[AccountRow.jar])


@call
def used_account(account_id: int, now: float) -> None:
    """Remember when it was last lent; too frequent to be a change others must notice."""
    AccountRow.update(last_used_at=now).where(AccountRow.id == account_id).execute()


def _seal_new(row: AccountRow, pasted: PastedAccount) -> None:
    """The second half of adding: only now the row has the id that goes under the seal."""
    with changing():
        row.sso_token = sealer().seal(_SSO, row.id, pasted.sso_token)
        row.extra_cookies = _sealed_cookies(_EXTRA, row.id, pasted.extra_cookies)
        row.name = row.name or f"grok-{row.id:02d}"
        row.save()


def _kept() -> Any:  # noqa: ANN401  a peewee query
    return AccountRow.select().where(NOT_DELETED)


def _brought_back(row: AccountRow) -> bool:
    """Adding a deleted account again undoes the deletion."""
    if row.deleted_at is None:
        return False
    with changing():
        row.deleted_at = None
        row.save(only=[AccountRow.deleted_at])
    return True


def _change(account_id: int, **values: object) -> None:
    if not values:
        return
    with changing():
        AccountRow.update(**values).where(AccountRow.id == account_id).execute()


def account_value(row: AccountRow) -> Account:
    """The row as everybody else sees it."""
    return Account(
        id=row.id,
        name=row.name,
        sso_token=sealer().open(_SSO, row.id, row.sso_token),
        user_agent=row.user_agent,
        extra_cookies=_opened_cookies(_EXTRA, row.id, row.extra_cookies),
        jar=_opened_cookies(_JAR, row.id, row.jar),
        upstream_user_id=row.upstream_user_id,
        email=row.email,
        egress_id=row.egress_id,
        enabled=row.enabled,
        private_to=row.private_to,
        cooling_until=row.cooling_until,
        cooling_reason=row.cooling_reason,
        status=_status(row.status),
        reason=row.reason,
        failures=row.failures,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        remark=row.remark,
        tier=row.tier,
        traffic=Traffic(row.traffic) if row.traffic in Traffic else Traffic.BOTH,
        draining=row.draining,
        priority=row.priority,
        concurrency=row.concurrency,
        tested_at=row.tested_at,
        verdict=row.verdict,
        tags=tuple(row.tags.split()),
        deleted_at=row.deleted_at,
    )


def _status(text: str) -> AccountStatus:
    try:
        return AccountStatus(text)
    except ValueError:
        return AccountStatus.UNKNOWN


def _sealed_cookies(kind: str, account_id: int, cookies: Mapping[str, str]) -> str:
    return sealer().seal(kind, account_id, json.dumps(dict(cookies))) if cookies else ""


def _opened_cookies(kind: str, account_id: int, sealed: str) -> Mapping[str, str]:
    return json.loads(sealer().open(kind, account_id, sealed)) if sealed else NO_COOKIES


def sealed_secrets(account_id: int, sso_token: str, extra: Mapping[str, str]) -> dict[str, str]:
    """The two sealed columns of a row of this id, for whoever writes many at once."""
    sealed = sealer().seal(_SSO, account_id, sso_token)
    return {"sso_token": sealed, "extra_cookies": _sealed_cookies(_EXTRA, account_id, extra)}
