import pytest

from supervisor.restarts import Again, GiveUp, RestartRule, ending


def verdicts(*uptimes, ready=True, code=1):
    rule = RestartRule()
    return [rule.after(code, uptime, system_ready=ready) for uptime in uptimes]


def test_pauses_double_up_to_ten_seconds():
    delays = [verdict.delay for verdict in verdicts(*[1.0] * 7)]
    assert delays == [0.5, 1, 2, 4, 8, 10, 10]


def test_pause_is_short_again_after_a_healthy_minute():
    assert verdicts(1, 1, 1, 60)[-1] == Again(0.5)


def test_five_failures_before_ready_end_everything():
    *before, last = verdicts(0, 0, 0, 0, 0, ready=False)
    assert all(isinstance(verdict, Again) for verdict in before)
    assert isinstance(last, GiveUp)
    assert last.code == 1


def test_ready_system_is_never_given_up():
    assert verdicts(*[0.0] * 50)[-1] == Again(10)


@pytest.mark.parametrize("ready", [True, False])
def test_configuration_error_is_final(ready):
    [verdict] = verdicts(100, ready=ready, code=78)
    assert isinstance(verdict, GiveUp)
    assert verdict.code == 78


def test_endings_in_words():
    assert ending(-9) == "signal 9"
    assert ending(3) == "exit code 3"
