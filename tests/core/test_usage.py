"""Bars of a span: as many as promised, none lost, none twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.flow_record import HOUR
from core.usage import SPANS, HourTotal, begins, series

NOW = 1_795_700_000.0
hours = st.integers(0, 7 * 24 - 1)


@given(st.lists(st.tuples(hours, st.integers(0, 50), st.integers(1, 50))))
def test_a_week_adds_up_however_it_is_cut(found: list[tuple[int, int, int]]) -> None:
    first = begins("7d", NOW)
    totals = [HourTotal(first + h * HOUR, bad + well, bad, 7) for h, bad, well in found]
    week = series("7d", totals, NOW)
    assert week.requests == sum(total.requests for total in totals)
    assert week.failures == sum(total.failures for total in totals)
    assert week.bytes_out == 7 * len(totals)
    assert week.tallest <= week.requests
    for bar in week.bars:
        assert 0 <= bar.well + bar.failed <= 100.1


@pytest.mark.parametrize("span", SPANS)
def test_the_last_bar_holds_this_hour_and_the_first_nothing_older(span: str) -> None:
    count, width = SPANS[span]
    this = int(NOW) // HOUR * HOUR
    drawn = series(span, [HourTotal(this, 4, 1, 0), HourTotal(begins(span, NOW), 2, 0, 0)], NOW)
    assert len(drawn.bars) == count
    assert [bar.requests for bar in drawn.bars if bar.requests] == [2, 4]
    assert (drawn.bars[-1].well, drawn.bars[-1].failed) == (75.0, 25.0)
    assert drawn.bars[-1].start + width * HOUR == this + HOUR


def test_of_nothing_nothing_is_said() -> None:
    empty = series("24h", [], NOW)
    assert (empty.requests, empty.success_percent, empty.tallest) == (0, None, 0)
    assert {bar.well for bar in empty.bars} == {0.0}
    some = series("24h", [HourTotal(begins("24h", NOW), 3, 1, 0)], NOW)
    assert some.success_percent == 66.7
