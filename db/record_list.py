"""The operator's list of finished flows: pages by cursor, at a million rows as fast as at ten.

The page's ids come from one index that holds all that is asked for; only they are read whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.flow_record import FlowRecord
from core.outcomes import Outcome
from core.record_list import FAILED, Cursor, ListedRecord
from db.connection import call
from db.tables import FlowRow

_FIELDS = tuple(FlowRecord.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """What a record must be; None asks nothing, an empty list finds nothing."""

    request: str = ""
    callers: Sequence[str] | None = None
    account_ids: Sequence[int] | None = None
    outcome: str = ""
    door: str = ""
    status: int = 0
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Newest first; whether there are newer and older ones."""

    records: Sequence[ListedRecord]
    has_newer: bool
    has_older: bool


@call
def list_records(
    wanted: RecordFilter, size: int, *, older: Cursor | None = None, newer: Cursor | None = None
) -> RecordPage:
    """The newest page; or the one that follows a cursor, towards older or newer ones."""
    query = FlowRow.select(FlowRow.id).where(*_conditions(wanted))
    if newer:
        rows = query.where(_is_newer(newer)).order_by(FlowRow.ended_at.asc(), FlowRow.id.asc())
    else:
        rows = query.where(_is_older(older)) if older else query
        rows = rows.order_by(FlowRow.ended_at.desc(), FlowRow.id.desc())
    ids = [row.id for row in rows.limit(size + 1)]
    has_more = len(ids) > size
    ids = ids[:size]
    found = _whole(reversed(ids) if newer else ids)
    if newer:
        return RecordPage(found, has_newer=has_more, has_older=True)
    return RecordPage(found, has_newer=older is not None, has_older=has_more)


def _conditions(wanted: RecordFilter) -> list[Any]:
    row = FlowRow
    first = wanted.status * 100
    asked: list[tuple[bool, Any]] = [
        (bool(wanted.request), row.request_id == wanted.request),
        (wanted.callers is not None, row.caller.in_(list(wanted.callers or ()))),
        (wanted.account_ids is not None, row.account_id.in_(list(wanted.account_ids or ()))),
        (bool(wanted.outcome), _ended(wanted.outcome)),
        (bool(wanted.door), row.door == wanted.door),
        (bool(wanted.status), row.status.between(first, first + 99)),
        (wanted.since is not None, row.ended_at >= wanted.since),
        (wanted.until is not None, row.ended_at < wanted.until),
    ]
    return [condition for is_asked, condition in asked if is_asked] or [row.id > 0]


def _ended(outcome: str) -> Any:  # noqa: ANN401  a peewee expression
    if outcome != FAILED:
        return FlowRow.outcome == outcome
    return FlowRow.outcome.in_([one.value for one in Outcome if one is not Outcome.OK])


def _is_older(place: Cursor) -> Any:  # noqa: ANN401  a peewee expression
    same = (FlowRow.ended_at == place.ended_at) & (FlowRow.id >= place.id)
    return (FlowRow.ended_at <= place.ended_at) & ~same


def _is_newer(place: Cursor) -> Any:  # noqa: ANN401  a peewee expression
    same = (FlowRow.ended_at == place.ended_at) & (FlowRow.id <= place.id)
    return (FlowRow.ended_at >= place.ended_at) & ~same


def _whole(ids: Iterable[int]) -> list[ListedRecord]:
    order = list(ids)
    rows = {row.id: row for row in FlowRow.select().where(FlowRow.id.in_(order))}
    return [
        ListedRecord(number, FlowRecord(**{name: getattr(rows[number], name) for name in _FIELDS}))
        for number in order
        if number in rows
    ]
