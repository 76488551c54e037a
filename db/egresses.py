"""The library of egresses: entered once, bound many times, credentials sealed."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Any

from peewee import fn

from core.egress import Egress, EgressSpec
from db.connection import call, changing, sealer
from db.tables import AccountRow, EgressRow, SettingRow

_URL, _KEY = "egress.url", "fingerprint_key"


@call
def load_egresses() -> list[Egress]:
    """Every egress, credentials opened."""
    return [_value(row) for row in EgressRow.select().order_by(EgressRow.id)]


@call
def add_egress(spec: EgressSpec) -> int:
    """Keep an egress the operator entered; the same address is the same egress, and on again."""
    with changing():
        return _keep(spec, source="operator")


@call
def sync_env_egresses(specs: Iterable[EgressSpec]) -> None:
    """Make the library hold PROXY_URL_POOL; what was taken out of it is switched off, not deleted.

    Deleting would leave its accounts without an egress, and they must never go direct instead.
    """
    wanted = list(specs)
    from_env = EgressRow.source == "env"
    if not wanted and not EgressRow.select().where(from_env & EgressRow.enabled).exists():
        return
    with changing():
        kept = [_keep(spec, source="env") for spec in wanted]
        gone = from_env & EgressRow.id.not_in(kept)
        EgressRow.update(enabled=False).where(gone).execute()


@call
def cool_egress(egress_id: int, until: float, failures: int, error: str) -> None:
    """Keep how an egress has been doing; 0 failures and no error is a good one."""
    with changing():
        EgressRow.update(cooling_until=until, failures=failures, last_error=error[:300]).where(
            EgressRow.id == egress_id
        ).execute()


@call
def set_egress(egress_id: int, *, enabled: bool) -> None:
    """Switch an egress on or off."""
    with changing():
        EgressRow.update(enabled=enabled).where(EgressRow.id == egress_id).execute()


@call
def delete_egress(egress_id: int) -> None:
    """Forget an egress; its accounts are bound to none, and the pool gives them another."""
    with changing():
        AccountRow.update(egress_id=None).where(AccountRow.egress_id == egress_id).execute()
        EgressRow.delete().where(EgressRow.id == egress_id).execute()


@call
def egress_errors() -> dict[int, str]:
    """What went wrong last, by id; nothing for those that are well."""
    rows: Any = EgressRow.select(EgressRow.id, EgressRow.last_error)
    return dict(rows.where(EgressRow.last_error != "").tuples())


@call
def count_accounts_by_egress() -> dict[int, int]:
    """How many accounts are bound to each."""
    bound = AccountRow.egress_id.is_null(False) & AccountRow.deleted_at.is_null()
    rows: Any = AccountRow.select(AccountRow.egress_id, fn.COUNT(AccountRow.id)).where(bound)
    return dict(rows.group_by(AccountRow.egress_id).tuples())


def _keep(spec: EgressSpec, *, source: str) -> int:
    digest = _fingerprint(spec.url)
    known = EgressRow.get_or_none(EgressRow.url_hash == digest)
    if known is not None:
        known.enabled = True
        known.source = source if known.source == "env" else known.source
        known.save(only=[EgressRow.enabled, EgressRow.source])
        return int(known.id)
    row = EgressRow.create(url="", url_hash=digest, label=spec.masked, source=source)
    row.url = sealer().seal(_URL, row.id, spec.url)
    row.save(only=[EgressRow.url])
    return int(row.id)


def _fingerprint(url: str) -> str:
    """Keyed, unlike that of a token: a proxy's password is short enough to be guessed by hash."""
    return hmac.new(_fingerprint_key(), url.encode(), hashlib.sha256).hexdigest()


def _fingerprint_key() -> bytes:
    row = SettingRow.get_or_none(SettingRow.name == _KEY)
    if row is not None:
        return bytes.fromhex(sealer().open(_KEY, 0, row.value))
    key = secrets.token_bytes(32)
    SettingRow.create(name=_KEY, value=sealer().seal(_KEY, 0, key.hex()))
    return key


def _value(row: EgressRow) -> Egress:
    return Egress(
        id=row.id,
        spec=EgressSpec.parse(sealer().open(_URL, row.id, row.url)),
        enabled=row.enabled,
        cooling_until=row.cooling_until,
        failures=row.failures,
    )
