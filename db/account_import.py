"""Many accounts at once: what an import would do, doing it, and the way out again.

Sealing takes most of the time and happens before the transaction, which is therefore short enough
for the proxy's own writes to wait. Either all of an import is kept or none of it.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from types import MappingProxyType
from typing import Any

from peewee import IntegrityError, SqliteDatabase

from core import account_import
from core.account import AccountStatus
from core.account_import import Finding, ImportedAccount, Outcome, Reason, Recognised, Step
from core.account_import.planning import Known, plan
from core.sso_token import token_hash
from db.accounts import NOT_DELETED, account_value, sealed_secrets
from db.connection import call, changing, sealer, writing
from db.errors import DatabaseUnavailableError
from db.tables import AccountRow, database

_AT_ONCE = 200
_TRIES = 5
_KEPT = frozenset({"id", "created_at", "name", "enabled", "remark"})  # the operator's

NOTHING_KEPT: Mapping[str, int] = MappingProxyType({})

type Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of one finding, by its line or item."""

    place: int
    outcome: Outcome
    reason: Reason | None = None
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One result for each finding, in order; no secret is in it."""

    results: tuple[ImportResult, ...]

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome is outcome for result in self.results)

    @property
    def would_change(self) -> bool:
        """Whether there is anything to import."""
        return any(one.outcome in (Outcome.NEW, Outcome.UPDATED) for one in self.results)


class _ChangedMeanwhileError(Exception):
    """Somebody else has added one of these accounts, or changed the key: plan again."""


@call
def recognise_accounts(data: bytes | str) -> Recognised:
    """`core.account_import.recognise`, away from the loop: it may take a second."""
    return account_import.recognise(data)


@call
def plan_import(findings: Iterable[Finding]) -> ImportReport:
    """What `import_accounts` would report, without doing it."""
    return ImportReport(tuple(_result(step) for step in plan(findings, _known())))


@call
def import_accounts(
    findings: Iterable[Finding], progress: Progress = lambda done, total: None
) -> ImportReport:
    """Keep the accounts; the same source a second time changes nothing."""
    listed = list(findings)
    for _ in range(_TRIES):
        try:
            return _import(listed, progress)
        except (_ChangedMeanwhileError, IntegrityError):
            continue
    raise DatabaseUnavailableError("other processes keep changing the accounts; try again")


@call
def export_accounts() -> list[ImportedAccount]:
    """Every account as an import would find it, SSO tokens included."""
    rows = AccountRow.select().where(NOT_DELETED).order_by(AccountRow.id)
    return [_exported(place, row) for place, row in enumerate(rows, 1)]


def _import(findings: Sequence[Finding], progress: Progress) -> ImportReport:
    steps = plan(findings, _known())
    news = [step for step in steps if step.outcome is Outcome.NEW]
    ids = dict(zip(map(id, news), _new_ids(len(news)), strict=True))
    changes = [step for step in steps if step.outcome in (Outcome.NEW, Outcome.UPDATED)]
    generation = sealer().generation
    rows = []
    for number, step in enumerate(changes, 1):
        rows.append((step, _columns(ids.get(id(step)) or step.account_id or 0, step)))
        if number % _AT_ONCE == 0 or number == len(changes):
            progress(number, len(changes))
    if rows:
        _write(rows, generation)
    kept = {columns["token_hash"]: columns["id"] for _, columns in rows}
    return ImportReport(tuple(_result(step, kept) for step in steps))


def _write(rows: Sequence[tuple[Step, dict[str, Any]]], generation: int) -> None:
    with changing():
        if sealer().generation != generation:
            raise _ChangedMeanwhileError
        fresh = [columns for step, columns in rows if step.outcome is Outcome.NEW]
        for some in batched(fresh, _AT_ONCE):
            _insert(some)
        for step, columns in rows:
            if step.outcome is Outcome.UPDATED:
                _update(columns)


def _insert(rows: Sequence[dict[str, Any]]) -> None:
    """As `insert_many` would, in a fifth of the time: the proxy's writes wait for this."""
    defaults = {field.column_name: field.default for field in AccountRow._meta.sorted_fields}
    one = f"({', '.join([database.param] * len(defaults))})"
    values = [row.get(name, default) for row in rows for name, default in defaults.items()]
    database.execute_sql(
        f"INSERT INTO accounts ({', '.join(defaults)}) VALUES {', '.join([one] * len(rows))}",  # noqa: S608
        values,
    )


def _update(columns: dict[str, Any]) -> None:
    """A newer token: what the old one had taught us about itself is forgotten, a name is not."""
    told = {name: value for name, value in columns.items() if value not in (None, "")}
    known: dict[str, Any] = {name: told[name] for name in told.keys() - _KEPT}
    known |= {"status": AccountStatus.UNKNOWN.value, "reason": "", "failures": 0}
    known |= {"deleted_at": None, "jar": "", "extra_cookies": columns["extra_cookies"]}
    if not AccountRow.update(**known).where(AccountRow.id == columns["id"]).execute():
        raise _ChangedMeanwhileError


def _columns(account_id: int, step: Step) -> dict[str, Any]:
    found = step.finding
    assert isinstance(found, ImportedAccount)
    return {
        "id": account_id,
        "name": found.name or f"grok-{account_id:02d}",
        "token_hash": token_hash(found.sso_token),
        "upstream_user_id": found.upstream_user_id,
        "email": found.email,
        "user_agent": found.user_agent,
        "tier": found.tier,
        "remark": _remark(found),
        "tags": " ".join(dict.fromkeys("-".join(tag.split()) for tag in found.tags)),
        "enabled": found.enabled,
        "created_at": time.time(),
        **sealed_secrets(account_id, found.sso_token, found.cookies),
    }


def _remark(found: ImportedAccount) -> str:
    """Another tool's pool means something else than ours, but the operator can search for it."""
    return " · ".join(part for part in (found.note, found.pool) if part)[:500]


def _exported(place: int, row: AccountRow) -> ImportedAccount:
    account = account_value(row)
    return ImportedAccount(
        place=place,
        sso_token=account.sso_token,
        cookies=account.extra_cookies,
        user_agent=account.user_agent,
        name=account.name,
        email=account.email,
        upstream_user_id=account.upstream_user_id,
        tier=account.tier,
        tags=account.tags,
        note=account.remark,
        enabled=account.enabled,
    )


def _known() -> Known:
    row = AccountRow
    rows: Any = AccountRow.select(row.id, row.token_hash, row.upstream_user_id, row.deleted_at)
    kept = list(rows.order_by(row.deleted_at.is_null(), row.id.desc()).tuples())
    return Known(
        by_token={digest: number for number, digest, _, _ in kept},
        by_user={user: number for number, _, user, _ in kept if user},
        deleted=frozenset(number for number, _, _, deleted in kept if deleted is not None),
    )


def _new_ids(number: int) -> list[int]:
    """Ids nobody else will be given; they are under the seal, so they must be known before."""
    if not number:
        return []
    with writing():
        if not isinstance(database.obj, SqliteDatabase):
            named = "SELECT nextval(pg_get_serial_sequence('accounts', 'id')) FROM "
            rows = database.execute_sql(f"{named} generate_series(1, %s)", (number,))
            return [new for (new,) in rows.fetchall()]
        last = database.execute_sql("SELECT seq FROM sqlite_sequence WHERE name = 'accounts'")
        first = (last.fetchone() or (0,))[0] + 1
        _advance(first - 1 + number)
    return list(range(first, first + number))


def _advance(last: int) -> None:
    """SQLite keeps the last id it gave out in a table of its own, which may be written."""
    changed = database.execute_sql(
        "UPDATE sqlite_sequence SET seq = ? WHERE name = 'accounts' RETURNING seq", (last,)
    ).fetchall()
    if not changed:
        database.execute_sql("INSERT INTO sqlite_sequence VALUES ('accounts', ?)", (last,))


def _result(step: Step, kept: Mapping[str, int] = NOTHING_KEPT) -> ImportResult:
    found, account_id = step.finding, step.account_id
    if account_id is None and kept and isinstance(found, ImportedAccount):
        account_id = kept.get(token_hash(found.sso_token))
    return ImportResult(found.place, step.outcome, step.reason, account_id)
