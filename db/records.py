"""The record of finished flows, and its sums by hour; written in batches, kept for some days."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import batched

from peewee import EXCLUDED

from core.flow_record import FlowRecord
from db.connection import call
from db.tables import FlowRow, HourRow, database

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
    with database.atomic():
        for some in batched(records, _AT_ONCE):
            FlowRow.insert_many([asdict(record) for record in some]).execute()
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
def purge_records(before: float) -> int:
    """Forget what ended, and the hours that began, before this moment; how many flows."""
    HourRow.delete().where(HourRow.hour < before).execute()
    return int(FlowRow.delete().where(FlowRow.ended_at < before).execute())


def _sums(records: Sequence[FlowRecord]) -> list[HourSum]:
    sums: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for record in records:
        found = sums[record.hour, record.account_id or 0, record.caller]
        found[0] += 1
        found[1] += record.has_failed
        found[2] += record.bytes_out
    return [HourSum(*key, *values) for key, values in sums.items()]


_FIELDS = tuple(FlowRecord.__dataclass_fields__)
