"""The record of finished flows: one line each, what is behind it, filters in the address.

Pages go by a cursor. `live` asks again every few seconds: by itself without JavaScript, and with it
only while nobody is reading.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

import db
from admin.choice_words import ids_in, told
from admin.moments import zone_named
from admin.names import Name, Names, accounts_named, callers_named
from core.choice_note import read_note
from core.flow_record import FlowRecord
from core.outcomes import Outcome
from core.record_list import CLASSES, DOORS, FAILED, SIZES, SPANS, ListedRecord, RecordQuery
from core.settings import Settings

LIST = "/admin/records"
LIVE_SECONDS = 5
MOST_SUGGESTED = 200

_SOFT = frozenset(
    {"rate_limited", "quota_used_up", "tier_too_low", "capacity", "moderated", "refused"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """One row, with its words."""

    id: int
    record: FlowRecord
    caller: Name
    account: Name
    egress: str
    tone: str
    why: list[str]


def create_record_pages(settings: Settings) -> Blueprint:
    """The page."""
    pages = Blueprint("records", __name__, url_prefix=LIST)
    pages.get("")(_list(zone_named(settings.tz), settings.record_days))
    return pages


def _list(zone: ZoneInfo, days: int) -> Callable[[], str]:
    def show_list() -> str:
        query = RecordQuery.parse(request.args)
        page = db.list_records(
            _filter(query, zone), query.size, older=query.older, newer=query.newer
        )
        names = _names(page.records)
        return render_template(
            "records.html",
            query=query,
            page=page,
            lines=[_line(listed, names) for listed in page.records],
            outcomes=[FAILED, *(outcome.value for outcome in Outcome)],
            doors=DOORS,
            classes=CLASSES,
            spans=list(SPANS),
            sizes=SIZES,
            suggested=[*names.users.values(), *names.keys.values()][:MOST_SUGGESTED],
            live_seconds=LIVE_SECONDS,
            days=days,
        )

    return show_list


def _filter(query: RecordQuery, zone: ZoneInfo) -> db.RecordFilter:
    since, until = query.between(time.time(), zone)
    return db.RecordFilter(
        request=query.request,
        callers=callers_named(query.caller),
        account_ids=accounts_named(query.account),
        outcome=query.outcome,
        door=query.door,
        status=query.status,
        since=since,
        until=until,
    )


def _names(records: Sequence[ListedRecord]) -> Names:
    ids = {one.record.account_id for one in records if one.record.account_id}
    for one in records:
        ids |= ids_in(read_note(one.record.why))
    return Names.load(ids)


def _line(listed: ListedRecord, names: Names) -> RecordLine:
    record = listed.record
    return RecordLine(
        id=listed.id,
        record=record,
        caller=names.caller(record.caller),
        account=names.account(record.account_id),
        egress=names.egress(record.egress_id),
        tone=outcome_tone(record.outcome),
        why=told(read_note(record.why), names, record.mode),
    )


def outcome_tone(outcome: str) -> str:
    """The colour of an ending."""
    if outcome == Outcome.OK.value:
        return "ok"
    return "warn" if outcome in _SOFT else "bad"
