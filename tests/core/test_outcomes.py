import pytest

from core.outcomes import Answer, Outcome, classify

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
            Outcome.REFUSED,
            id="a mode above the tier",
        ),
        pytest.param(Answer(403, HTML, "", b"<h1>nginx</h1>"), Outcome.REFUSED, id="nginx 403"),
        pytest.param(Answer(429, JSON, "", b'{"code":8}'), Outcome.RATE_LIMITED, id="429"),
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
