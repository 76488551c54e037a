"""The list of records: filters, pages by cursor, and its size."""

import time
from dataclasses import replace

import pytest

import db
from core.outcomes import Outcome
from core.record_list import FAILED, Cursor
from core.settings import Settings
from db.record_list import RecordFilter
from db.tables import database
from tests.db.test_records import RECORD

MANY = 300_000
ONE_LIST = 0.2


@pytest.fixture
def some(opened: Settings) -> None:
    """Ten, two of each moment, so that a page may end between two of one moment."""
    db.add_records(
        [
            replace(
                RECORD,
                request_id=f"r-{number}",
                ended_at=1000.0 + number // 2,
                caller="user:3" if number % 2 else "key:1",
                door="browser" if number % 2 else "bridge",
                account_id=number % 3,
                outcome=("ok", "ok", "failed", "rate_limited", "ok")[number % 5],
                status=(200, 200, 502, 429, 101)[number % 5],
            )
            for number in range(10)
        ]
    )


def found(size: int = 50, **wanted: object) -> list[str]:
    page = db.list_records(RecordFilter(**wanted), size)  # type: ignore[arg-type]
    return [listed.record.request_id.removeprefix("r-") for listed in page.records]


def test_the_newest_come_first(some: None) -> None:
    assert found() == list("9876543210")
    assert db.list_records(RecordFilter(), 1).records[0].record.why == RECORD.why


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"request": "r-4"}, "4"),
        ({"callers": ["user:3"]}, "97531"),
        ({"callers": ["user:3", "key:1"], "account_ids": [2]}, "852"),
        ({"callers": []}, ""),
        ({"account_ids": [0]}, "9630"),
        ({"outcome": "failed"}, "72"),
        ({"outcome": FAILED}, "8732"),
        ({"door": "bridge", "outcome": FAILED}, "82"),
        ({"status": 4}, "83"),
        ({"status": 1}, "94"),
        ({"since": 1003.0}, "9876"),
        ({"since": 1001.0, "until": 1002.0}, "32"),
    ],
)
def test_filters(some: None, wanted: dict[str, object], numbers: str) -> None:
    assert found(**wanted) == list(numbers)


def test_pages_lead_there_and_back_without_a_gap(some: None) -> None:
    seen, cursor, pages = [], None, []
    while True:
        page = db.list_records(RecordFilter(), 3, older=cursor)
        pages.append([listed.id for listed in page.records])
        seen += pages[-1]
        assert page.has_newer == (cursor is not None)
        if not page.has_older:
            break
        cursor = page.records[-1].cursor
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 10
    last = db.list_records(RecordFilter(), 3, older=cursor).records[0]
    back = db.list_records(RecordFilter(), 3, newer=last.cursor)
    assert [listed.id for listed in back.records] == pages[-2]
    assert (back.has_newer, back.has_older) == (True, True)
    first = db.list_records(RecordFilter(), 20, newer=last.cursor)
    assert not first.has_newer
    assert len(first.records) == 9


def test_every_failure_is_an_outcome_that_is_known() -> None:
    assert Outcome.OK.value == "ok"
    assert FAILED not in {outcome.value for outcome in Outcome}


@pytest.fixture
def many(opened: Settings) -> None:
    database.execute_sql(f"""
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
        INSERT INTO flow_records (request_id, ended_at, door, caller, account_id, mode, outcome,
            status, total_ms, bytes_out, why)
        SELECT 'r-' || i, i, CASE i % 2 WHEN 0 THEN 'bridge' ELSE 'browser' END,
            'user:' || (i % 300), i % 1000, 'fast', CASE i % 50 WHEN 0 THEN 'failed' ELSE 'ok' END,
            200, 9, 9, '{{"w":"kept"}}' FROM n""")


@pytest.mark.slow
@pytest.mark.sqlite
def test_hundreds_of_thousands_are_listed_at_once(many: None) -> None:
    asked = (
        RecordFilter(),
        RecordFilter(callers=["user:7"]),
        RecordFilter(account_ids=[77], outcome=FAILED),
        RecordFilter(request="r-7"),
        RecordFilter(status=5),
        RecordFilter(door="bridge", since=100.0, until=900.0),
    )
    for wanted in asked:
        assert _quickest(wanted, None) < ONE_LIST, wanted
        assert _quickest(wanted, Cursor(MANY / 2, 1)) < ONE_LIST, wanted


def _quickest(wanted: RecordFilter, older: Cursor | None) -> float:
    """Of five, and this thread's own: the machine has other things to do."""
    took = []
    for _ in range(5):
        began = time.thread_time()
        db.list_records(wanted, 50, older=older)
        took.append(time.thread_time() - began)
    return min(took)
