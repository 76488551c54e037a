import json
from pathlib import Path

import pytest
from hypothesis import given

from core.outcomes import Outcome
from core.stream_errors import MOST_LINE_BYTES, LineWatch, Said, said_on_socket
from tests.core.streams import cut, cuts

DATA = Path(__file__).parent.parent / "data"


def event(**fields):
    return json.dumps({"session_id": "s", "event": fields}).encode()


def stream_error(**error):
    return event(type="response.grok.output", output={"stream_error": error})


def done(status, reason=""):
    details = {"status_details": {"reason": reason}} if reason else {}
    return event(type="response.done", response={"id": "r", "status": status, **details})


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        pytest.param(
            event(type="error", error={"code": "anti_bot", "message": "by anti-bot rules"}),
            Outcome.ANTI_BOT,
            id="an error event about anti-bot rules",
        ),
        pytest.param(
            event(type="error", message="Session [WKE=unauthenticated:bad-credentials]"),
            Outcome.SIGNED_OUT,
            id="an error event without an error object",
        ),
        pytest.param(
            event(type="error", error={"code": "permission_denied", "message": "User is blocked"}),
            Outcome.BLOCKED,
            id="an error event about a blocked user",
        ),
        pytest.param(
            event(type="error", error={"code": 7, "message": "Upgrade your plan"}),
            Outcome.TIER_TOO_LOW,
            id="an error event about the tier",
        ),
        pytest.param(
            event(type="error", error={"code": 8}), Outcome.RATE_LIMITED, id="a bare number 8"
        ),
        pytest.param(
            event(type="error", error={"code": "odd"}), Outcome.FAILED, id="an unknown code"
        ),
        pytest.param(
            stream_error(kind="usage_limit_reached", severity="STREAM_ERROR_SEVERITY_FATAL"),
            Outcome.QUOTA_USED_UP,
            id="a stream error by its kind",
        ),
        pytest.param(
            stream_error(globalRateLimit={}), Outcome.RATE_LIMITED, id="a stream error by its key"
        ),
        pytest.param(
            stream_error(message="You've reached your usage limit."),
            Outcome.QUOTA_USED_UP,
            id="a stream error by its words",
        ),
        pytest.param(stream_error(contentModerated={}), Outcome.MODERATED, id="moderated"),
        pytest.param(stream_error(concurrencyLimit={}), Outcome.CAPACITY, id="too many at once"),
        pytest.param(
            stream_error(toolCallFailed={}), None, id="a tool's failure is not the answer's"
        ),
        pytest.param(done("failed", "rate_limited"), Outcome.RATE_LIMITED, id="done, but limited"),
        pytest.param(done("failed"), Outcome.FAILED, id="done, but failed without a word"),
        pytest.param(done("completed"), Outcome.OK, id="done and well"),
        pytest.param(done("incomplete"), Outcome.OK, id="done at its own limit"),
        pytest.param(done("cancelled"), None, id="stopped by the user"),
        pytest.param(
            done("completed") + stream_error(usageLimitReached={}),
            Outcome.QUOTA_USED_UP,
            id="several objects in one message: the bad one counts",
        ),
        pytest.param(
            event(type="response.chunk", chunk={"text": {"text": '{"error":{"code":8}}'}}),
            None,
            id="what a person or Grok wrote",
        ),
        pytest.param(b'{"event": "error"}', None, id="an event of another type"),
        pytest.param(b'"error" {"event":', None, id="no JSON"),
        pytest.param(b'"error"' + b"[" * 100_000, None, id="a bomb of brackets"),
        pytest.param(b'\xff\xfe "error"', None, id="no text"),
    ],
)
def test_a_socket_message_is_judged(message, outcome):
    said = said_on_socket(message)
    assert (said.outcome if said else None) is outcome


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        pytest.param(
            b'{"error":{"code":8,"message":"Too many requests","details":[]}}',
            Outcome.RATE_LIMITED,
            id="an error in place of the answer",
        ),
        pytest.param(
            b'{"code":7,"message":"Request rejected by anti-bot rules.","details":[]}',
            Outcome.ANTI_BOT,
            id="the same, flat",
        ),
        pytest.param(
            b'{"result":{"response":{"error":{"message":"x","usageLimitReached":{}}}}}',
            Outcome.QUOTA_USED_UP,
            id="inside the longer envelope",
        ),
        pytest.param(
            b'{"result":{"error":{"message":"Admission denied","modelNotAvailable":{}}}}',
            Outcome.CAPACITY,
            id="inside the shorter envelope",
        ),
        pytest.param(
            b'{"result":{"token":"a"}}{"result":{"error":{"globalRateLimit":{}}}}',
            Outcome.RATE_LIMITED,
            id="glued together",
        ),
        pytest.param(
            b'data: {"result":{"error":{"globalRateLimit":{}}}}',
            Outcome.RATE_LIMITED,
            id="with a prefix",
        ),
        pytest.param(
            b'{"result":{"response":{"token":"{\\"error\\":{\\"code\\":8}}"}}}',
            None,
            id="what Grok wrote",
        ),
        pytest.param(
            b'{"result":{"response":{"codeExecutionResult":{"error":"x","code":1}}}}',
            None,
            id="an error of a program that Grok ran",
        ),
        pytest.param(b'{"result":{"response":{"error":null}}}', None, id="no error"),
        pytest.param(b'{"error":', None, id="cut"),
        pytest.param(b"", None, id="nothing"),
    ],
)
@given(places=cuts())
def test_a_body_is_judged_however_it_is_cut(body, outcome, places):
    lines = b'{"result":{"response":{"token":"hi"}}}\n' + body + b"\n\n"
    watch = LineWatch()
    for piece in cut(lines, *places):
        assert watch.feed(piece) == piece
    watch.flush()
    assert (watch.said.outcome if watch.said else None) is outcome


def test_the_wait_that_grok_names_is_kept():
    error = {"usageLimitReached": {}, "waitTimeSeconds": 90}
    assert said_on_socket(stream_error(**error)) == Said(Outcome.QUOTA_USED_UP, 90.0)


def test_a_long_line_is_let_by_and_the_next_one_read():
    watch = LineWatch()
    for _ in range(5):
        watch.feed(b'"error"' + b"x" * (MOST_LINE_BYTES // 2))
    watch.feed(b'\n{"error":{"code":8,"message":""}}\n')
    assert watch.said == Said(Outcome.RATE_LIMITED)


@pytest.mark.parametrize("name", ["plain", "unknown_fields", "tool_failed_but_answered"])
def test_recorded_good_answers_are_not_accused(name):
    path = DATA / f"{name}.ndjson"
    watch = LineWatch()
    watch.feed(path.read_bytes())
    watch.flush()
    assert watch.said is None
