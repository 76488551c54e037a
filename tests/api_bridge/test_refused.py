"""What an answer of 400 and above means: Grok's own, Cloudflare's, or our proxy's."""

import json

import pytest

from api_bridge.refused import RefusedAnswer, refusal
from core.error_page import json_error
from core.refusals import BY_CODE

CF = b"<!DOCTYPE html><title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x>"
NGINX = b"<html><head><title>403 Forbidden</title></head></html>"


def grok(code, message, **more):
    return json.dumps({"error": {"code": code, "message": message, "details": [], **more}}).encode()


CASES = {
    "a dead session": (401, grok(16, "x [WKE=unauthenticated:bad-credentials]"), "signed_out"),
    "a dead session, flat": (401, b'{"code":16,"message":"x","details":[]}', "signed_out"),
    "blocked": (403, grok(7, "User is blocked [WKE=unauthorized:blocked-user]"), "blocked"),
    "anti-bot": (403, grok(7, "Request rejected by anti-bot rules."), "anti_bot"),
    "a tier too low": (403, grok(7, "Upgrade your plan to use this mode."), "no_access"),
    "too many": (429, grok(8, "Too many requests"), "rate_limited"),
    "used up": (429, grok(8, "You've reached your usage limit."), "exhausted"),
    "a challenge": (403, CF, "challenged"),
    "nginx": (403, NGINX, "no_access"),
    "unknown conversation": (404, b'{"code":5,"message":"Conversation not found"}', "not_found"),
    "bad request": (400, grok(3, "Invalid argument"), "invalid"),
    "gateway": (502, b"<html>502</html>", "internal"),
    "busy": (503, grok(14, "capacity is exhausted"), "capacity"),
    "gateway time-out": (504, b"", "stalled"),
    "region": (403, b"This service is not available in your region.", "region"),
    "nothing known": (418, b"", "invalid"),
}


@pytest.mark.parametrize(("status", "head", "kind"), CASES.values(), ids=CASES)
def test_groks_refusals(status, head, kind):
    content_type = "text/html" if head[:1] == b"<" else "application/json"
    answer = RefusedAnswer(status=status, content_type=content_type, head=head)
    assert refusal(answer).kind == kind


OURS = {
    "no_account": "no_account",
    "all_busy": "no_account",
    "upstream_unreachable": "unreachable",
    "upstream_timeout": "stalled",
    "no_egress": "unreachable",
    "storage_busy": "no_account",
    "internal": "internal",
}


@pytest.mark.parametrize(("code", "kind"), OURS.items())
def test_our_proxys_refusals(code, kind):
    ours = BY_CODE[code]
    head = json_error(ours, "r-1")
    assert refusal(RefusedAnswer(status=ours.status, head=head)).kind == kind


def test_behind_an_empty_pool_nobody_is_waited_for():
    waits = {}
    for code in ("no_account", "storage_busy"):
        answer = RefusedAnswer(status=503, head=json_error(BY_CODE[code], "r-1"))
        waits[code] = refusal(answer).retry_after
    assert waits == {"no_account": None, "storage_busy": 5}


def test_when_to_come_back_is_read_from_the_header():
    answer = RefusedAnswer(status=429, head=grok(8, "Too many requests"), retry_after="30")
    assert refusal(answer).retry_after == 30
    odd = RefusedAnswer(status=429, head=b"", retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
    assert refusal(odd).retry_after is None
