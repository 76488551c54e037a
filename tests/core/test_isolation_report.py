"""An audit passes only what is answered as what is not there."""

import pytest

from core.chat_socket import not_found
from core.isolation_plan import Attempt, SocketAttempt
from core.isolation_report import (
    Result,
    Told,
    Verdict,
    as_json,
    judged,
    judged_frames,
    report,
    usual,
)

HIDDEN = Told(404, b"nothing", (("content-type", "a"), ("date", "now")))
OTHERS = ("c-1", "r-2", "her words")


def attempt(method="GET", *, checked=True, odd=False):
    return Attempt(
        route="grok.com/c/{conversation}",
        method=method,
        target="/c/c-1",
        where="path {conversation}",
        kind="conversation",
        object_id="c-1",
        is_checked=checked,
        is_odd=odd,
    )


@pytest.mark.parametrize(
    ("tried", "told", "verdict"),
    [
        (attempt(), Told(404, b"nothing", (("content-type", "a"), ("date", "later"))), "hidden"),
        (attempt(), Told(404, b"nothing", (("content-type", "b"),)), "answered"),
        (attempt(), Told(404, b"another nothing", HIDDEN.headers), "answered"),
        (attempt(), Told(200, b"nothing", HIDDEN.headers), "answered"),
        (attempt(), Told(404, b"nothing of r-2", HIDDEN.headers), "tells"),
        (attempt(), None, "silent"),
        (attempt("HEAD"), Told(404, b""), "hidden"),
        (attempt("HEAD"), Told(200, b""), "answered"),
        (attempt(odd=True), Told(400, b"odd"), "hidden"),
        (attempt(odd=True), Told(200, b"odd"), "answered"),
        (attempt(checked=False), Told(200, b"no such thing as c-1"), "hidden"),
        (attempt(checked=False), Told(200, b"her words"), "tells"),
    ],
)
def test_one_answer_is_right(tried, told, verdict):
    assert judged(tried, told, HIDDEN, OTHERS).verdict == verdict


def test_the_usual_answer_must_be_the_one_for_what_is_not_there():
    plain = [(attempt(), HIDDEN)] * 2
    leak = [(attempt(), Told(200, b"her words"))]
    assert usual(plain + leak) == HIDDEN
    assert usual(plain + leak * 3) is None
    assert usual([]) is None
    assert judged(attempt(), HIDDEN, None, OTHERS).is_hole, "nothing is proved"


def frame_of(session):
    frame = {"session_id": session, "event": {"type": "response.create"}}
    return SocketAttempt(
        route="grok.com/ws/mgw/",
        target="/ws/mgw/",
        where="response.create session_id",
        kind="conversation",
        object_id=session,
        frame=frame,
    )


def test_a_socket_says_that_it_is_not_there_or_nothing():
    tried = frame_of("c-1")
    assert not judged_frames(tried, []).is_hole
    assert not judged_frames(tried, [not_found(tried.frame)]).is_hole
    assert judged_frames(tried, [{"event": {"type": "session.created"}}]).is_hole
    told_by_grok = {**not_found(tried.frame)["event"], "event_id": "e"}
    assert judged_frames(tried, [{"event": told_by_grok}]).is_hole
    assert judged_frames(tried, None).verdict is Verdict.SILENT


def test_the_report_names_each_hole_once_and_says_nothing_when_nothing_was_tried():
    hole = Result("grok.com/x", "GET", "query fileId", "file", Verdict.ANSWERED)
    fine = Result("grok.com/y", "GET", "query fileId", "file", Verdict.HIDDEN)
    first, last = report([hole, hole, fine])
    assert first.startswith("FAIL  GET grok.com/x  [query fileId] ×2")
    assert "tried 3" in last
    assert as_json([hole, fine])["ok"] is False
    assert as_json([fine]) == {"ok": True, "tried": 1, "routes": 1, "positions": 1, "failed": []}
    assert as_json([])["ok"] is False
