"""An account that is one user's alone passes everything but signing out and its account pages."""

import time

import pytest

import db
from tests.loop.test_chat import signed


@pytest.fixture
def alone(mirror, alice):
    """Alice's own account; the proxy looks once a second."""
    number = mirror.account_ids["super"]
    db.make_private(number, alice.user_id)
    time.sleep(1.5)
    yield alice
    db.make_private(number, None)
    time.sleep(1.5)


def test_everything_of_the_account_is_his(mirror, alone, standin):
    planted = standin.control.plant("super", "conversation", title="from before")
    standin.control.plant("super", "memory", content="likes tea")
    listed = alone.http.get(mirror.url + "/rest/app-chat/conversations").json()
    assert planted["conversationId"] in [c["conversationId"] for c in listed["conversations"]]
    memory = alone.http.get(mirror.url + "/rest/app-chat/memory").text
    assert "likes tea" in memory
    who = alone.http.get(mirror.url + "/rest/auth/get-user").json()
    assert who["email"] == standin.accounts["super"].email
    alone.http.post(
        mirror.url + "/rest/user-settings", json={"customInstructions": "x"}, headers=signed(mirror)
    )
    assert standin.control.requests(path="/rest/user-settings")
    standin.control.forget_requests()
    assert alone.http.get(mirror.url + "/rest/what-is-new").status_code == 200
    assert standin.control.requests(path="/rest/what-is-new")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/rest/auth/delete-session"),
        ("POST", "/rest/auth/soft-delete-user"),
        ("DELETE", "/rest/app-chat/conversations"),
        ("GET", "/sign-out"),
        ("GET", "/settings/account"),
        ("GET", "/-/accounts.x.ai/sign-out"),
    ],
)
def test_the_account_itself_stays_the_operators(mirror, alone, standin, method, path):
    standin.control.forget_requests()
    answer = alone.http.request(method, mirror.url + path, allow_redirects=False)
    assert answer.status_code in (200, 303, 403)
    assert standin.control.requests() == []


def test_somebody_else_is_not_lent_it(mirror, alone, standin):
    bob = mirror.person("bob-without-a-car", mirror.account_ids["super"])
    session = bob.http.get(mirror.url + "/api/auth/session").json()["session"]
    assert session["userId"] == standin.accounts["heavy"].user_id
