"""The first pieces go on at once, the others so often and no oftener."""

import pytest

from core.pace import Pace


def test_a_number_of_pieces_is_free_and_then_each_has_its_time():
    pace = Pace(at_once=3, a_second=20)
    assert [pace.spend(7.0) for _ in range(5)] == pytest.approx([0, 0, 0, 0.05, 0.1])


def test_who_waits_as_told_is_told_the_same_again():
    pace, now, waits = Pace(at_once=1, a_second=20), 0.0, []
    for _ in range(5):
        waits.append(pace.spend(now))
        now += waits[-1]
    assert waits == pytest.approx([0, 0.05, 0.05, 0.05, 0.05])


def test_silence_earns_the_first_pieces_again_and_no_more():
    pace = Pace(at_once=2, a_second=20)
    pace.spend(0.0)
    assert [pace.spend(100.0) for _ in range(3)] == pytest.approx([0, 0, 0.05])


def test_what_is_said_to_another_question_waits_for_nothing():
    pace = Pace(at_once=2, a_second=20)
    assert [pace.spend(0.0) for _ in range(3)] == pytest.approx([0, 0, 0.05])
    pace.begin_anew()
    assert [pace.spend(0.0) for _ in range(3)] == pytest.approx([0, 0, 0.05])


def test_a_clock_that_stands_still_earns_nothing():
    pace = Pace(at_once=1, a_second=10)
    assert [pace.spend(0.0), pace.spend(0.0)] == pytest.approx([0, 0.1])
