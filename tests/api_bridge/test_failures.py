"""Each way Grok words a failure, and the kind it is."""

import pytest

from api_bridge import failures
from api_bridge.events import Failed, FailureKind

K = FailureKind


@pytest.mark.parametrize(("key", "kind"), failures.STREAM_ERROR_KINDS.items())
def test_every_key_has_its_kind_in_both_spellings(key: str, kind: FailureKind) -> None:
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in key)
    assert failures.stream_error({"message": "x", key: {}}).kind == kind
    assert failures.stream_error({"message": "x", "kind": snake}).kind == kind


@pytest.mark.parametrize(
    ("error", "kind"),
    {
        "number 7 is about access": ({"code": 7, "message": "No"}, K.NO_ACCESS),
        "number 7 with the anti-bot text": (
            {"code": 7, "message": "Request rejected by anti-bot rules."},
            K.ANTI_BOT,
        ),
        "number 7 of a blocked user": (
            {"code": 7, "message": "User is blocked [WKE=unauthorized:blocked-user]"},
            K.BLOCKED,
        ),
        "number 8": ({"code": 8, "message": "Too many requests"}, K.RATE_LIMITED),
        "number 16": ({"code": 16, "message": ""}, K.SIGNED_OUT),
        "a code of the socket": ({"code": "anti_bot"}, K.ANTI_BOT),
        "a tier that is too low": (
            {"code": "permission_denied", "message": "Upgrade your plan"},
            K.NO_ACCESS,
        ),
        "a region": ({"message": "This service is not available in your region."}, K.REGION),
        "an unknown code": ({"code": "odd", "message": "?"}, K.INTERNAL),
        "nothing at all": ({}, K.INTERNAL),
        "a code that is a list": ({"code": [], "message": {}}, K.INTERNAL),
    }.values(),
    ids=str,
)
def test_a_coded_error_is(error: dict[str, object], kind: FailureKind) -> None:
    assert failures.coded_error(error).kind == kind


def test_a_capacity_message_counts_without_its_key() -> None:
    error = {"message": "ResourceExhausted: Admission denied"}
    assert failures.stream_error(error).kind == K.CAPACITY


def test_the_wait_is_kept() -> None:
    error = {"message": "later", "usageLimitReached": {}, "waitTimeSeconds": 1830}
    assert failures.stream_error(error) == Failed(K.EXHAUSTED, "later", 1830)


@pytest.mark.parametrize(
    ("error", "fatal"),
    {
        "said outright": ({"toolCallFailed": {}, "severity": "STREAM_ERROR_SEVERITY_FATAL"}, True),
        "a tool's failure": ({"toolCallFailed": {}}, False),
        "a mere warning": ({"internalError": {}, "severity": "STREAM_ERROR_SEVERITY_WARN"}, False),
        "anything else": ({"internalError": {}}, True),
    }.values(),
    ids=str,
)
def test_an_error_is_fatal(error: dict[str, object], fatal: bool) -> None:
    assert failures.is_fatal(error) is fatal
