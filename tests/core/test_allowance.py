from datetime import UTC, datetime

import pytest

from core.allowance import left_of, objection, seconds_until_reset
from core.api_key import Usage
from core.user import UserRules

FAST = frozenset({"fast"})


def test_without_rules_everything_may_be_asked() -> None:
    assert objection(UserRules(), Usage(10**6, 10**7), frozenset()) is None


@pytest.mark.parametrize(
    ("usage", "over"),
    [(Usage(1, 5), None), (Usage(2, 5), "day"), (Usage(0, 9), "month"), (Usage(2, 9), "month")],
)
def test_limits_of_day_and_month(usage: Usage, over: str | None) -> None:
    assert objection(UserRules(day_limit=2, month_limit=9), usage, FAST) == over


def test_a_limit_of_nothing_allows_nothing() -> None:
    assert objection(UserRules(day_limit=0), Usage(), FAST) == "day"


@pytest.mark.parametrize(
    ("modes", "over"),
    [
        (FAST, None),
        (frozenset({"heavy"}), "mode"),
        (frozenset({"fast", "heavy"}), "mode"),
        (frozenset(), "mode"),
    ],
)
def test_every_mode_that_is_named_must_be_his_and_one_must_be(
    modes: frozenset[str], over: str | None
) -> None:
    assert objection(UserRules(modes=("fast",)), Usage(), modes) == over


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "over", "reset"),
    [
        ("2026-11-26T16:00", "day", "2026-11-27T00:00"),
        ("2026-12-31T23:59:59", "day", "2027-01-01T00:00"),
        ("2026-11-26T16:00", "month", "2026-12-01T00:00"),
        ("2027-01-31T00:00", "month", "2027-02-01T00:00"),
        ("2028-02-29T12:00", "month", "2028-03-01T00:00"),
        ("2026-12-01T00:00", "month", "2027-01-01T00:00"),
    ],
)
def test_when_a_limit_begins_anew(now: str, over: str, reset: str) -> None:
    assert seconds_until_reset(over, at(now)) == pytest.approx(at(reset) - at(now))


@pytest.mark.parametrize(
    ("rules", "usage", "left"),
    [
        (UserRules(), Usage(5, 9), None),
        (UserRules(day_limit=10), Usage(4, 9), ("day", 6)),
        (UserRules(month_limit=10), Usage(4, 9), ("month", 1)),
        (UserRules(day_limit=10, month_limit=10), Usage(4, 9), ("month", 1)),
        (UserRules(day_limit=3), Usage(9, 9), ("day", 0)),
    ],
)
def test_what_is_left_is_what_runs_out_first(rules, usage, left):
    assert left_of(rules, usage) == left
