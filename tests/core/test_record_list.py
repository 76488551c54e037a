"""What the address bar asks of the list of records: read back whole, and harmless when wrong."""

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.flow_record import FlowRecord
from core.outcomes import Outcome
from core.record_list import CLASSES, DOORS, FAILED, SIZES, SPANS, Cursor, ListedRecord, RecordQuery

words = st.text(max_size=30).map(str.strip)
cursors = st.builds(Cursor, st.integers(0, 10**11).map(lambda n: n / 64), st.integers(0, 10**12))


@given(
    st.builds(
        RecordQuery,
        request=words,
        caller=words,
        account=words,
        outcome=st.sampled_from(["", FAILED, *(one.value for one in Outcome)]),
        door=st.sampled_from(["", *DOORS]),
        status=st.sampled_from([0, *CLASSES]),
        span=st.sampled_from(["", *SPANS]),
        since=st.sampled_from(["", "2026-11-26T15:00"]),
        until=st.sampled_from(["", "2026-11-26T16:00"]),
        live=st.booleans(),
        older=st.none() | cursors,
        newer=st.none() | cursors,
        size=st.sampled_from(SIZES),
    )
)
def test_a_query_survives_the_address_bar(query: RecordQuery) -> None:
    assert RecordQuery.parse(query.arguments()) == query


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "splendid"},
        {"status": "9"},
        {"size": "100000"},
        {"span": "1y"},
        {"since": "yesterday"},
        {"until": "0001-01-01T00:00"},
        {"older": "1-2-3"},
        {"newer": "inf-1"},
        {"door": "back"},
    ],
)
def test_what_cannot_be_understood_is_left_out(wrong: dict[str, str]) -> None:
    assert RecordQuery.parse(wrong) == RecordQuery()


def test_a_change_of_filters_leads_to_the_newest() -> None:
    query = RecordQuery(caller="bob", older=Cursor(5.0, 1))
    assert query.url(door="bridge") == "?caller=bob&door=bridge"
    assert query.url(older=Cursor(3.5, 7)) == "?caller=bob&older=3.5-7"
    assert (query.is_narrowed, RecordQuery(older=Cursor(5.0, 1)).is_narrowed) == (True, False)


def test_moments_are_those_of_the_operators_clock() -> None:
    query = RecordQuery(since="2026-11-26T08:00", until="2026-11-26T08:00")
    since, until = query.between(0.0, timezone(timedelta(hours=8)))
    assert since == 1_795_651_200.0
    assert until == since + 60
    assert RecordQuery(span="1h").between(10_000.0, UTC) == (6_400.0, None)
    assert RecordQuery().between(10_000.0, UTC) == (None, None)


def test_a_record_knows_its_place() -> None:
    record = FlowRecord(request_id="r", ended_at=1.25, door="browser", outcome="ok")
    assert Cursor.parse(str(ListedRecord(9, record).cursor)) == Cursor(1.25, 9)
