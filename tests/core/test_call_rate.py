"""Calls within the last minute."""

from core.call_rate import CallRate


def test_a_full_minute_says_when_it_is_not_full_any_more():
    rate = CallRate()
    assert [rate.wait("a", 2, now) for now in (0, 10, 20)] == [0, 0, 40]
    assert rate.wait("a", 2, 60) == 0
    assert rate.wait("a", 2, 61) == 9


def test_names_do_not_disturb_each_other():
    rate = CallRate()
    assert rate.wait("a", 1, 0) == 0
    assert rate.wait("b", 1, 0) == 0
    assert rate.wait("a", 1, 0) == 60


def test_no_calls_at_all_may_be_allowed():
    assert CallRate().wait("a", 0, 5) == 60


def test_a_clock_that_is_set_back_locks_nobody_out():
    rate = CallRate()
    assert rate.wait("a", 1, 1_000_000) == 0
    assert rate.wait("a", 1, 5) == 0


def test_strangers_cannot_fill_the_memory():
    rate = CallRate(most=3)
    for number in range(100):
        rate.wait(str(number), 1, 0)
    assert len(rate._calls) == 3
    assert rate.wait("99", 1, 1) > 0
