import pytest

from core.waits import LONGEST_WAIT, wait_in_body, wait_of_header

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        pytest.param("30", 30.0, id="seconds"),
        pytest.param(" 30 ", 30.0, id="seconds with spaces"),
        pytest.param("Tue, 14 Nov 2023 22:14:20 GMT", 60.0, id="a date"),
        pytest.param("Tue, 14 Nov 2023 22:13:20 GMT", None, id="a date that is over"),
        pytest.param("0", None, id="no wait"),
        pytest.param("999999999", LONGEST_WAIT, id="never longer than a day"),
        pytest.param("9" * 400, LONGEST_WAIT, id="a number of four hundred digits"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT, id="a date far away"),
        pytest.param("soon", None, id="a word"),
        pytest.param("-5", None, id="a negative number"),
        pytest.param("٣", None, id="digits of another script"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_retry_after_header(value, wait):
    assert wait_of_header(value, NOW) == wait


@pytest.mark.parametrize(
    ("body", "wait"),
    [
        pytest.param(b'{"waitTimeSeconds":1830}', 1830.0, id="at the top"),
        pytest.param(b'{"error":{"waitTimeSeconds":60}}', 60.0, id="in the error"),
        pytest.param(b'{"error":{"details":{"retry_after_seconds":5}}}', 5.0, id="in its details"),
        pytest.param(b'{"waitTimeSeconds":0.2}', 1.0, id="at least a second"),
        pytest.param(b'{"waitTimeSeconds":1e12}', LONGEST_WAIT, id="at most a day"),
        pytest.param(b'{"waitTimeSeconds":true}', None, id="no number"),
        pytest.param(b'{"waitTimeSeconds":NaN}', None, id="not a number"),
        pytest.param(b'{"details":[]}', None, id="nothing said"),
        pytest.param(b"[1]", None, id="no object"),
        pytest.param(b"<html>", None, id="no JSON"),
    ],
)
def test_a_wait_in_a_body(body, wait):
    assert wait_in_body(body) == wait
