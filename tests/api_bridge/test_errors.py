"""What callers are told: the envelope, the status, and when to try again."""

import pytest

from api_bridge.errors import (
    BadRequestError,
    BridgeError,
    GrokFailedError,
    NotAllowedError,
    api_error,
    failed_error,
)
from api_bridge.events import Failed, FailureKind

K = FailureKind


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_has_a_status_a_code_and_a_sentence(kind: FailureKind) -> None:
    error = failed_error(Failed(kind))
    assert error.status >= 400
    assert error.status != 401, "401 speaks of the caller's own key"
    assert error.code
    assert error.message.endswith(".")
    assert set(error.body()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (K.RATE_LIMITED, 429),
        (K.EXHAUSTED, 429),
        (K.CAPACITY, 503),
        (K.SIGNED_OUT, 503),
        (K.NO_ACCESS, 403),
        (K.TOO_LONG, 400),
        (K.MODERATED, 400),
        (K.ANTI_BOT, 503),
        (K.CUT, 502),
        (K.STALLED, 504),
        (K.NOT_FOUND, 404),
    ],
)
def test_a_failure_has_the_status(kind: FailureKind, status: int) -> None:
    assert failed_error(Failed(kind)).status == status


@pytest.mark.parametrize(
    ("wait", "header"), [(None, "20"), (0, "1"), (7, "7"), (60, "60"), (1830, "60")]
)
def test_the_wait_is_kept_within_bounds(wait: int | None, header: str) -> None:
    headers = failed_error(Failed(K.RATE_LIMITED, "", wait)).headers()
    assert headers["Retry-After"] == header
    assert headers.get("x-should-retry") == ("false" if wait == 1830 else None)


@pytest.mark.parametrize("kind", [K.ANTI_BOT, K.CHALLENGED, K.EXHAUSTED, K.REGION])
def test_what_cannot_heal_is_not_to_be_retried(kind: FailureKind) -> None:
    assert failed_error(Failed(kind)).headers()["x-should-retry"] == "false"


def test_why_a_file_of_the_caller_cannot_be_used_is_told() -> None:
    error = failed_error(Failed(K.UNUSABLE_IMAGE, "it is larger than 20 MB"))
    assert (error.status, error.param, error.code) == (400, "messages", "invalid_image_url")
    assert error.message == "An image of the request cannot be used: it is larger than 20 MB."
    assert "secret" not in failed_error(Failed(K.BAD_ATTACHMENT, "secret")).message


def test_a_pool_that_rests_for_long_says_for_how_long() -> None:
    soon, later = (failed_error(Failed(K.NO_ACCOUNT, "", wait)) for wait in (30, 1830))
    assert (soon.status, later.status) == (503, 503)
    assert soon.message == "No Grok account is free at the moment."
    assert "in about 31 minutes." in later.message
    assert later.headers() == {"Retry-After": "60", "x-should-retry": "false"}


def test_an_empty_pool_is_not_worth_trying_again() -> None:
    empty = failed_error(Failed(K.NO_ACCOUNT))
    assert (empty.status, empty.should_retry) == (503, False)
    assert failed_error(Failed(K.NO_ACCOUNT, "", 5)).should_retry is None


def test_a_capacity_failure_may_be_retried() -> None:
    assert failed_error(Failed(K.CAPACITY)).headers() == {"Retry-After": "5"}


def test_our_own_errors_keep_their_fields() -> None:
    error = api_error(BadRequestError("No.", "n", "unsupported_value"))
    assert (error.status, error.param, error.code) == (400, "n", "unsupported_value")
    assert api_error(NotAllowedError("Whose key is this?")).status == 401
    assert api_error(NotAllowedError("Not yours.", "forbidden", 403)).type == "permission_error"
    assert api_error(GrokFailedError(Failed(K.TOO_LONG))).code == "context_length_exceeded"
    assert api_error(BridgeError("secret details")).message == "Internal error."
