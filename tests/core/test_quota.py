import pytest

from core.quota import UNKNOWN, Quota, Source, measured, spent, used_up

NOW = 1000.0


def meter(remaining=46, total=50, **more):
    return {
        "windowSizeSeconds": 7200,
        "remainingQueries": remaining,
        "totalQueries": total,
        "lowEffortRateLimits": None,
        "highEffortRateLimits": None,
        **more,
    }


EFFORTS = {
    "waitTimeSeconds": 1830,
    "lowEffortRateLimits": {"cost": 1, "waitTimeSeconds": 0, "remainingQueries": 12},
    "highEffortRateLimits": {"cost": 4, "waitTimeSeconds": 600, "remainingQueries": 0},
}


@pytest.mark.parametrize(
    ("body", "left", "reset"),
    [
        pytest.param(meter(), 46, NOW + 7200, id="the plain shape: reset by the window at latest"),
        pytest.param(meter(0, **EFFORTS), 0, NOW + 1830, id="with efforts, and a wait"),
        pytest.param(meter(3, **EFFORTS), 3, NOW + 7200, id="a wait means nothing while some left"),
        pytest.param(meter(0), 0, NOW + 7200, id="used up, no wait told"),
        pytest.param({"remainingQueries": 5, "totalQueries": 9}, 5, None, id="without a window"),
    ],
)
def test_the_meter_is_read(body, left, reset):
    quota = measured(body, NOW)
    assert (quota.left(NOW), quota.reset_at) == (left, reset)
    assert quota.source is Source.MEASURED


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(meter(0, 0), id="a name that is not metered"),
        pytest.param({"remainingTokens": 4}, id="tokens only"),
        pytest.param(meter(True), id="no number"),
        pytest.param(meter(-1), id="a negative number"),
        pytest.param(meter("46"), id="a text"),
        pytest.param({"error": {"code": 8}}, id="an error"),
    ],
)
def test_what_is_no_meter_is_left_aside(body):
    assert measured(body, NOW) is None


def test_questions_are_counted_down():
    quota = spent(spent(measured(meter(2), NOW), NOW + 1), NOW + 2)
    assert (quota.left(NOW + 3), quota.source) == (0, Source.ESTIMATED)
    assert spent(quota, NOW + 3).left(NOW + 4) == 0


def test_a_window_that_is_over_begins_anew():
    quota = measured(meter(0, waitTimeSeconds=60), NOW)
    assert quota.left(NOW + 61) == 50
    again = spent(quota, NOW + 61)
    assert (again.left(NOW + 62), again.reset_at) == (49, NOW + 61 + 7200)


def test_nothing_is_made_up_of_nothing():
    assert spent(UNKNOWN, NOW) is UNKNOWN
    assert (UNKNOWN.left(NOW), UNKNOWN.age(NOW)) == (None, None)


def test_a_refusal_weighs_more_than_the_meter():
    quota = used_up(measured(meter(40), NOW), NOW + 90, NOW + 1)
    assert (quota.left(NOW + 2), quota.left(NOW + 91)) == (0, 50)
    assert (quota.source, quota.age(NOW + 11)) == (Source.ESTIMATED, 10.0)
    assert isinstance(quota, Quota)
