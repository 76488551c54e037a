"""A path without a row goes nowhere and is counted; once allowed, it still shows only one's own."""

import time

import pytest
import requests

import db
from tests.loop.test_chat import signed

PATH = "/rest/app-chat/novelties"


def counted(key):
    deadline = time.monotonic() + 6
    while time.monotonic() < deadline:
        for one in db.load_unknown_routes():
            if (one.route.method, one.route.path) == key:
                return one
        time.sleep(0.05)
    raise AssertionError(f"{key} was never counted: {db.load_unknown_routes()}")


@pytest.fixture
def allow(mirror):
    """Allow a route, wait until the proxy knows, and take it back afterwards."""
    allowed = []

    def let_pass(one):
        db.allow_unknown_route(one.id, allowed=True)
        allowed.append(one.id)
        time.sleep(1.5)  # the proxy looks once a second

    yield let_pass
    for number in allowed:
        db.allow_unknown_route(number, allowed=False)
    db.forget_unknown_routes()


def test_an_unknown_path_is_404_and_counted_by_its_shape(mirror, alice, standin):
    standin.control.forget_requests()
    for number in range(3):
        path = f"{PATH}/0f8fad5b-d9cb-469f-a165-7086772895{number:02}/look"
        assert alice.http.get(mirror.url + path).status_code == 404
    assert requests.get(mirror.url + PATH + "/by-a-stranger", timeout=5).status_code == 404
    assert standin.control.requests() == []
    assert counted(("GET", PATH + "/{id}/look")).count == 3
    assert not any("stranger" in one.route.path for one in db.load_unknown_routes())


def test_what_the_operator_allows_shows_only_ones_own(mirror, alice, standin, allow):
    made = alice.http.post(
        mirror.url + "/rest/app-chat/conversations", json={}, headers=signed(mirror)
    ).json()
    theirs = standin.control.plant("super", "conversation", title="Somebody's")
    path = "/rest/app-chat/conversations/{}/responses/all"
    # The stand-in answers paths it does not know with {}; what matters is who may ask.
    mine, other = (
        path.format(made["conversationId"]),
        path.format(theirs["conversationId"]),
    )
    assert alice.http.get(mirror.url + mine).status_code == 404
    allow(counted(("GET", path.format("{id}"))))
    standin.control.forget_requests()
    assert alice.http.get(mirror.url + mine).json() == {}
    assert alice.http.get(mirror.url + other).status_code == 404
    assert [seen.path for seen in standin.control.requests(host="grok.com")] == [mine]


def test_an_answer_nobody_has_described_is_cut(mirror, alice, standin, allow):
    alice.http.post(mirror.url + "/rest/app-chat/conversations", json={}, headers=signed(mirror))
    standin.control.plant("super", "conversation", title="Somebody's")
    path = "/rest/notifications/list"
    assert alice.http.post(mirror.url + path, json={}).status_code == 404
    allow(counted(("POST", path)))
    answer = alice.http.post(mirror.url + path, json={})
    assert "Somebody" not in answer.text
