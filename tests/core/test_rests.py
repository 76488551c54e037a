import pytest

from core.outcomes import Outcome
from core.rests import RULES, WELL, Rest, Scope, rested_after

NOW = 1000.0


@pytest.mark.parametrize(
    ("outcome", "scope"),
    [
        pytest.param(Outcome.RATE_LIMITED, Scope.MODE, id="a limit concerns one mode"),
        pytest.param(Outcome.QUOTA_USED_UP, Scope.MODE, id="so does a quota"),
        pytest.param(Outcome.TIER_TOO_LOW, Scope.MODE, id="and a tier"),
        pytest.param(Outcome.CAPACITY, Scope.MODE, id="and a lack of capacity"),
        pytest.param(Outcome.CHALLENGED, Scope.ACCOUNT, id="a challenge concerns the account"),
        pytest.param(Outcome.ANTI_BOT, Scope.ACCOUNT, id="so do anti-bot rules"),
        pytest.param(Outcome.FAILED, Scope.ACCOUNT, id="and failures in a row"),
        pytest.param(Outcome.REGION, Scope.EGRESS, id="a region concerns the egress"),
    ],
)
def test_an_outcome_cools_the_right_thing(outcome, scope):
    assert RULES[outcome].scope is scope


@pytest.mark.parametrize(
    "outcome",
    [Outcome.OK, Outcome.MODERATED, Outcome.REFUSED, Outcome.SIGNED_OUT, Outcome.BLOCKED],
)
def test_other_outcomes_cool_nothing(outcome):
    assert outcome not in RULES


def rests_in_a_row(outcome, times):
    rest, now, lengths = WELL, NOW, []
    for _ in range(times):
        rest = rested_after(rest, outcome, None, now)
        lengths.append(max(rest.until - now, 0.0))
        now = max(rest.until, now) + 1
    return lengths


def test_rests_double_up_to_a_bound():
    assert rests_in_a_row(Outcome.CHALLENGED, 6) == [300, 600, 1200, 2400, 3600, 3600]


def test_one_failure_is_a_hiccup_and_the_fifth_a_rest():
    assert rests_in_a_row(Outcome.FAILED, 6) == [0, 0, 0, 0, 15, 30]


def test_many_failures_never_overflow():
    assert rests_in_a_row(Outcome.RATE_LIMITED, 2000)[-1] == 3600


def test_what_grok_asks_for_is_honoured():
    assert rested_after(WELL, Outcome.RATE_LIMITED, 7.0, NOW).until == NOW + 7
    assert rested_after(WELL, Outcome.FAILED, 9.0, NOW).until == NOW + 9


def test_fifty_failures_at_once_are_one_event():
    once = rested_after(WELL, Outcome.CHALLENGED, None, NOW)
    assert rested_after(once, Outcome.CHALLENGED, None, NOW + 1) == once
    assert rested_after(once, Outcome.CHALLENGED, 900.0, NOW).until == NOW + 900


def test_another_reason_starts_at_its_first_step():
    rest = Rest(NOW - 1, 5, "failed")
    assert rested_after(rest, Outcome.CHALLENGED, None, NOW) == Rest(NOW + 300, 1, "challenged")


def test_after_a_rest_one_call_probes():
    assert rested_after(WELL, Outcome.CHALLENGED, None, NOW).is_on_probation
    assert not rested_after(WELL, Outcome.FAILED, None, NOW).is_on_probation
    assert not WELL.is_on_probation
