"""When a question goes to another account, and when not."""

import pytest

from api_bridge.events import Failed, FailureKind, Finished, Silence, Started, Text, Unknown
from api_bridge.failover import (
    MOST_ATTEMPTS,
    Attempts,
    TransportMemory,
    is_substance,
    may_survive_over_http,
)

K = FailureKind
ELSEWHERE = {
    K.RATE_LIMITED, K.EXHAUSTED, K.CAPACITY, K.SIGNED_OUT, K.BLOCKED, K.NO_ACCESS, K.ANTI_BOT,
    K.CHALLENGED, K.REGION, K.UNREACHABLE, K.EMPTY, K.CUT, K.STALLED, K.INTERNAL,
}  # fmt: skip


def attempts(**more):
    return Attempts(deadline=130.0, **{"count": 1, **more})


@pytest.mark.parametrize("kind", list(K))
def test_what_speaks_of_account_or_moment_is_tried_elsewhere(kind):
    assert attempts().should_retry(Failed(kind), 7, 100.0) == (kind in ELSEWHERE)


def test_an_account_that_failed_is_avoided():
    tried = attempts()
    tried.should_retry(Failed(K.CAPACITY), 7, 100.0)
    tried.should_retry(Failed(K.CAPACITY), None, 100.0)
    assert tried.avoid == {7}


@pytest.mark.parametrize(
    ("more", "now"),
    [({"count": MOST_ATTEMPTS}, 100.0), ({}, 130.0), ({"is_tied": True}, 100.0)],
    ids=["asked three already", "too late", "tied to its account"],
)
def test_there_is_an_end_to_it(more, now):
    assert not attempts(**more).should_retry(Failed(K.CAPACITY), 7, now)


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ([K.NO_ACCOUNT], K.NO_ACCOUNT),
        ([K.EXHAUSTED, K.NO_ACCOUNT], K.EXHAUSTED),
        ([K.EXHAUSTED, K.RATE_LIMITED], K.EXHAUSTED),
        ([K.SIGNED_OUT, K.EXHAUSTED], K.EXHAUSTED),
        ([K.BLOCKED, K.NO_ACCOUNT], K.BLOCKED),
        ([K.EMPTY, K.NO_ACCESS], K.EMPTY),
        ([K.NO_ACCESS, K.CAPACITY, K.BLOCKED], K.CAPACITY),
        ([K.ANTI_BOT, K.NO_ACCOUNT], K.ANTI_BOT),
        ([K.CAPACITY, K.MODERATED], K.MODERATED),
        ([K.CAPACITY, K.INVALID], K.INVALID),
    ],
)
def test_the_failure_that_tells_most_is_the_one_that_is_told(kinds, told):
    tried = attempts()
    for number, kind in enumerate(kinds, start=1):
        tried.should_retry(Failed(kind, str(number)), number, 100.0)
    assert tried.verdict().kind is told


def test_of_failures_that_tell_the_same_the_first_is_told():
    tried = attempts()
    for text in ("first", "second"):
        tried.should_retry(Failed(K.RATE_LIMITED, text), 7, 100.0)
    assert tried.verdict().message == "first"


def test_only_what_a_caller_sees_ties_an_answer_to_its_account():
    assert is_substance(Text("a"))
    assert is_substance(Finished())
    assert not any(map(is_substance, (Started("c"), Silence(), Unknown("x"), Failed(K.CUT))))


def test_a_transport_is_remembered_for_ten_minutes():
    memory = TransportMemory()
    memory.note(7, 100.0)
    assert memory.prefers_http(7, 699.0)
    assert not memory.prefers_http(7, 700.0)
    assert not memory.prefers_http(8, 100.0)


def test_http_is_tried_when_the_refusal_may_be_about_sockets():
    for kind in (K.UNREACHABLE, K.INTERNAL, K.STALLED, K.ANTI_BOT):
        assert may_survive_over_http(Failed(kind))
    for kind in (K.RATE_LIMITED, K.SIGNED_OUT, K.BLOCKED, K.CHALLENGED):
        assert not may_survive_over_http(Failed(kind))
