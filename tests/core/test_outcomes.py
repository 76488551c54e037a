import pytest

from core.outcomes import SESSION_PROBE, Answer, Outcome, classify

JSON = "application/json"
HTML = "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        pytest.param(Answer(200), Outcome.OK, id="an ordinary answer"),
        pytest.param(Answer(302), Outcome.OK, id="a redirect"),
        pytest.param(
            Answer(401, JSON, "", b'{"code":16,"message":"No credentials"}'),
            Outcome.SIGNED_OUT,
            id="401",
        ),
        pytest.param(
            Answer(
                403, JSON, "", b'{"code":7,"message":"x [WKE=unauthenticated:bad-credentials]"}'
            ),
            Outcome.SIGNED_OUT,
            id="403 that says bad credentials",
        ),
        pytest.param(
            Answer(
                403,
                JSON,
                "",
                b'{"code":7,"message":"User is blocked [WKE=unauthorized:blocked-user]"}',
            ),
            Outcome.BLOCKED,
            id="blocked user",
        ),
        pytest.param(
            Answer(
                403,
                JSON,
                "",
                b'{"error":{"code":7,"message":"Request rejected by anti-bot rules."}}',
            ),
            Outcome.ANTI_BOT,
            id="anti-bot is not about the account",
        ),
        pytest.param(
            Answer(403, HTML, "challenge", b""), Outcome.CHALLENGED, id="challenge by header"
        ),
        pytest.param(
            Answer(403, HTML, "", b"<title>Just a moment...</title>"),
            Outcome.CHALLENGED,
            id="challenge by page",
        ),
        pytest.param(
            Answer(403, JSON, "", b'{"error":"Upgrade to use Heavy"}'),
            Outcome.TIER_TOO_LOW,
            id="a mode above the tier",
        ),
        pytest.param(Answer(403, HTML, "", b"<h1>nginx</h1>"), Outcome.REFUSED, id="nginx 403"),
        pytest.param(Answer(429, JSON, "", b'{"code":8}'), Outcome.RATE_LIMITED, id="429"),
        pytest.param(
            Answer(429, JSON, "", b'{"error":{"code":8,"message":"Usage limit reached"}}'),
            Outcome.QUOTA_USED_UP,
            id="429 that says the quota is used up",
        ),
        pytest.param(
            Answer(429, JSON, "", b'{"message":"x [WKE=account:birth-date-change-limit-reached]"}'),
            Outcome.REFUSED,
            id="429 about changing the account is no quota",
        ),
        pytest.param(
            Answer(401, JSON, "", b'{"code":"unauthorized:blocked-user","error":"x"}'),
            Outcome.BLOCKED,
            id="401 that says blocked",
        ),
        pytest.param(
            Answer(403, HTML, "", b"<h1>subscribe to nginx</h1>"),
            Outcome.REFUSED,
            id="a web page says nothing about tiers",
        ),
        pytest.param(
            Answer(200, HTML, "challenge"), Outcome.CHALLENGED, id="a challenge with status 200"
        ),
        pytest.param(
            Answer(503, JSON, "", b'{"code":8,"message":"ResourceExhausted: Admission denied"}'),
            Outcome.CAPACITY,
            id="no capacity",
        ),
        pytest.param(Answer(500, JSON), Outcome.FAILED, id="500"),
        pytest.param(
            Answer(403, JSON, "", b"This service is not available in your region."),
            Outcome.REGION,
            id="region",
        ),
        pytest.param(Answer(404, JSON, "", b"{}"), Outcome.REFUSED, id="not found"),
        pytest.param(Answer(522, HTML), Outcome.FAILED, id="Cloudflare cannot reach its origin"),
    ],
)
def test_an_answer_is_judged(answer, outcome):
    assert classify(answer) is outcome


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        pytest.param(b'{"status":"authenticated","session":{}}', Outcome.OK, id="signed in"),
        pytest.param(b'{"user":{"id":"7"}}', Outcome.OK, id="signed in, the other shape"),
        pytest.param(b'{"status":"unauthenticated"}', Outcome.SIGNED_OUT, id="signed out"),
        pytest.param(b'{"status":"blocked"}', Outcome.BLOCKED, id="blocked"),
        pytest.param(b'{"status":["blocked"]}', Outcome.OK, id="a status of another type"),
        pytest.param(b'["blocked"]', Outcome.OK, id="no object"),
        pytest.param(b"<!doctype html>", Outcome.OK, id="no JSON"),
        pytest.param(b"\xff", Outcome.OK, id="no text"),
    ],
)
def test_the_session_probe_speaks_of_the_account_with_status_200(body, outcome):
    assert classify(Answer(200, JSON, head=body, path=SESSION_PROBE)) is outcome


def test_other_answers_may_hold_the_same_words():
    answer = Answer(200, JSON, head=b'{"status":"blocked"}', path="/rest/user-settings")
    assert classify(answer) is Outcome.OK
