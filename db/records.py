"""The record of finished flows, and its sums by hour; written in batches, kept for some days."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import batched
from operator import attrgetter
from typing import Any

from peewee import EXCLUDED, fn

from core.flow_record import FlowRecord
from core.usage import HourTotal
from db.connection import call, writing
from db.tables import FlowRow, HourRow

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class HourSum:
    """What one caller did on one account in one hour; account 0 is none."""

    hour: int
    account_id: int
    caller: str
    requests: int
    failures: int
    bytes_out: int


@call
def add_records(records: Sequence[FlowRecord]) -> None:
    """Keep these and add them to the sums: all of them or none."""
    with writing():
        for some in batched(records, _AT_ONCE):
            # In tuples: by name, each row's columns are looked up anew.
            FlowRow.insert_many(map(_values, some), fields=_COLUMNS).execute()
        for rows in batched(_sums(records), _AT_ONCE):
            HourRow.insert_many([asdict(row) for row in rows]).on_conflict(
                conflict_target=[HourRow.hour, HourRow.account_id, HourRow.caller],
                update={
                    HourRow.requests: HourRow.requests + EXCLUDED.requests,
                    HourRow.failures: HourRow.failures + EXCLUDED.failures,
                    HourRow.bytes_out: HourRow.bytes_out + EXCLUDED.bytes_out,
                },
            ).execute()


@call
def load_records(newest: int = 100) -> list[FlowRecord]:
    """The last ones, newest first."""
    rows = FlowRow.select().order_by(FlowRow.ended_at.desc(), FlowRow.id.desc()).limit(newest)
    return [FlowRecord(**{name: getattr(row, name) for name in _FIELDS}) for row in rows]


@call
def load_hour_sums(since: float) -> list[HourSum]:
    """The sums of the hours that began at this moment or later."""
    rows = HourRow.select().where(HourRow.hour >= since).order_by(HourRow.hour)
    return [
        HourSum(r.hour, r.account_id, r.caller, r.requests, r.failures, r.bytes_out) for r in rows
    ]


@call
def load_hour_totals(
    since: float, *, account_id: int | None = None, caller: str | None = None
) -> list[HourTotal]:
    """The hours from this moment on, of one account, of one caller, or of all."""
    rows: Any = HourRow.select(HourRow.hour, *_SUMS)
    rows = rows.where(*_these(since, account_id, caller)).group_by(HourRow.hour)
    return [HourTotal(*map(int, row)) for row in rows.order_by(HourRow.hour).tuples()]


@call
def busiest_callers(since: float, most: int) -> list[tuple[str, int, int]]:
    """Who has asked most since then: caller, requests, failures."""
    rows = _ranked(HourRow.caller, _these(since, None, None), most)
    return [(caller, int(requests), int(failures)) for caller, requests, failures, _ in rows]


@call
def busiest_accounts(
    since: float, most: int, *, caller: str | None = None
) -> list[tuple[int, int, int]]:
    """Which were asked most, 0 being none: account, requests, failures."""
    rows = _ranked(HourRow.account_id, _these(since, None, caller), most)
    return [(number, int(requests), int(failures)) for number, requests, failures, _ in rows]


@call
def purge_records(before: float) -> int:
    """Forget what ended, and the hours that began, before this moment; how many flows."""
    HourRow.delete().where(HourRow.hour < before).execute()
    return int(FlowRow.delete().where(FlowRow.ended_at < before).execute())


_SUMS = (fn.SUM(HourRow.requests), fn.SUM(HourRow.failures), fn.SUM(HourRow.bytes_out))


def _these(since: float, account_id: int | None, caller: str | None) -> list[Any]:
    found = [HourRow.hour >= since]
    if account_id is not None:
        found.append(HourRow.account_id == account_id)
    return [*found, HourRow.caller == caller] if caller is not None else found


def _ranked(column: Any, conditions: list[Any], most: int) -> Any:  # noqa: ANN401  peewee
    rows: Any = HourRow.select(column, *_SUMS).where(*conditions).group_by(column)
    return rows.order_by(_SUMS[0].desc(), column).limit(most).tuples()


def _sums(records: Sequence[FlowRecord]) -> list[HourSum]:
    sums: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for record in records:
        found = sums[record.hour, record.account_id or 0, record.caller]
        found[0] += 1
        found[1] += record.has_failed
        found[2] += record.bytes_out
    return [HourSum(*key, *values) for key, values in sums.items()]


_FIELDS = tuple(FlowRecord.__dataclass_fields__)
_COLUMNS = [getattr(FlowRow, name) for name in _FIELDS]
_values = attrgetter(*_FIELDS)
