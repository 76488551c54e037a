"""One test of an account: what its answers together mean."""

import json

import pytest

from core.account import AccountStatus
from core.account_trial import (
    METER,
    PAID,
    QUESTIONS,
    SESSION,
    USER,
    Reply,
    Verdict,
    is_final,
    judge,
)
from core.error_page import json_error
from core.refusals import NO_EGRESS

JSON = "application/json"
SIGNED_IN = {"status": "authenticated", "session": {"userId": "u-1", "email": "a@example.org"}}


def said(value: object, status: int = 200) -> Reply:
    return Reply(status, JSON, "", json.dumps(value).encode())


def subscription(tier: str, state: str = "ACTIVE") -> dict[str, str]:
    return {"tier": tier, "status": f"SUBSCRIPTION_STATUS_{state}"}


def replies(**changed: Reply) -> dict[str, Reply]:
    usual = {
        SESSION: said(SIGNED_IN),
        USER: said({"userId": "u-1", "email": "a@example.org"}),
        PAID: said({"subscriptions": [subscription("SUBSCRIPTION_TIER_GROK_PRO")]}),
        METER: said({"remainingQueries": 3, "totalQueries": 30}),
    }
    return usual | changed


def test_a_good_account_is_learnt() -> None:
    trial = judge(replies())
    assert trial.verdict is Verdict.OK
    assert trial.status is AccountStatus.OK
    assert (trial.upstream_user_id, trial.email, trial.tier) == ("u-1", "a@example.org", "super")
    assert (trial.remaining, trial.total) == (3, 30)
    assert not is_final(SESSION, said(SIGNED_IN))
    assert [question.name for question in QUESTIONS] == [SESSION, USER, PAID, METER]


@pytest.mark.parametrize(
    ("session", "verdict"),
    [
        (said({"status": "unauthenticated"}), Verdict.SIGNED_OUT),
        (said({"status": "blocked"}), Verdict.BLOCKED),
        (said({"code": 16, "message": "x [WKE=unauthenticated:bad]"}, 401), Verdict.SIGNED_OUT),
        (
            said({"message": "Blocked [WKE=unauthorized:blocked-user]"}, 403),
            Verdict.BLOCKED,
        ),
        (Reply(403, "text/html", "challenge", b"<html>"), Verdict.CHALLENGED),
        (said({"message": "Request rejected by anti-bot rules."}, 403), Verdict.ANTI_BOT),
        (Reply(502, JSON, "", json_error(NO_EGRESS, "r")), Verdict.NO_EGRESS),
        (Reply(503, JSON, "", b"{}"), Verdict.FAILED),
        (Reply(200, "text/html", "", b"<html>"), Verdict.FAILED),
        (Reply(0), Verdict.MIRROR_DOWN),
    ],
)
def test_the_session_says_it_all(session: Reply, verdict: Verdict) -> None:
    assert judge({SESSION: session}).verdict is verdict
    assert is_final(SESSION, session)


def test_an_error_that_grok_words_like_ours_is_not_ours() -> None:
    lie = said({"error": {"code": "no_egress"}}, 502)
    assert judge({SESSION: lie}).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("meter", "verdict"),
    [
        (said({"remainingQueries": 0, "totalQueries": 30}), Verdict.RATE_LIMITED),
        (said({"remainingQueries": 0, "totalQueries": 0}), Verdict.OK),
        (said({"code": 3}, 400), Verdict.OK),
        (said({"code": 8}, 429), Verdict.RATE_LIMITED),
        (said([1, 2]), Verdict.OK),
    ],
)
def test_the_meter_is_advice(meter: Reply, verdict: Verdict) -> None:
    assert judge(replies(meter=meter)).verdict is verdict


@pytest.mark.parametrize(
    ("paid", "tier"),
    [
        (said({"subscriptions": []}), "basic"),
        (said({"subscriptions": [subscription("SUBSCRIPTION_TIER_SUPER_GROK_PRO")]}), "heavy"),
        (
            said({"subscriptions": [subscription("SUBSCRIPTION_TIER_X", "INACTIVE")]}),
            "basic",
        ),
        (said({"subscriptions": [subscription("SUBSCRIPTION_TIER_OF_TOMORROW")]}), "paid"),
        (said({"subscriptions": [7, None]}), "basic"),
        (said({"subscriptions": "?"}), ""),
        (said({}), ""),
    ],
)
def test_the_tier_is_what_grok_says_is_paid_for(paid: Reply, tier: str) -> None:
    assert judge(replies(paid=paid)).tier == tier


def test_the_second_shape_of_a_session_is_read() -> None:
    shape = said({"user": {"id": "u-2", "email": "b@example.org", "teamId": "t"}})
    trial = judge({SESSION: shape})
    assert (trial.verdict, trial.upstream_user_id, trial.email) == (
        Verdict.OK,
        "u-2",
        "b@example.org",
    )
