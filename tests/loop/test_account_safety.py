"""Nothing a visitor does ends or changes the account he shares."""

import time

import pytest

import db
from tests.loop.test_chat import signed


def test_signing_out_in_the_page_leads_to_our_own_page(mirror, alice, standin):
    page = alice.http.get(mirror.url + "/").text
    assert "accounts.x.ai/sign-out" in page
    standin.control.forget_requests()
    answer = alice.http.get(
        mirror.url + "/-/accounts.x.ai/sign-out?redirect=grok-com", allow_redirects=False
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "/-/sign-out"
    assert standin.control.requests() == []
    assert alice.http.get(mirror.url + "/api/auth/session").json()["status"] == "authenticated"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/rest/auth/delete-session?sessionId=1", 200),
        ("POST", "/rest/auth/soft-delete-user", 403),
        ("POST", "/rest/auth/edit-user", 403),
        ("POST", "/rest/auth/set-email-address", 403),
        ("DELETE", "/rest/app-chat/conversations", 403),
        ("DELETE", "/rest/app-chat/conversations/soft", 403),
        ("POST", "/auth_mgmt.AuthManagement/UpdateUserFeatureControls", 403),
        ("POST", "/prod.grok.connectors.manager.ConnectorManager/List", 403),
        ("GET", "/api/oauth-connectors", 403),
        ("GET", "/-/accounts.x.ai/account", 403),
        ("GET", "/-/auth.x.ai/set-cookie?q=1", 403),
        ("GET", "/sign-out", 303),
        ("GET", "/logout", 303),
    ],
)
def test_account_routes_never_leave(mirror, alice, standin, method, path, status):
    standin.control.forget_requests()
    answer = alice.http.request(
        method, mirror.url + path, headers=signed(mirror), allow_redirects=False
    )
    assert answer.status_code == status
    assert standin.control.requests() == []


def test_the_operator_sees_when_an_account_was_used(mirror, alice):
    account_id = mirror.account_ids["super"]
    assert alice.http.get(mirror.url + "/rest/subscriptions").ok
    deadline = time.monotonic() + 5
    while db.load_account(account_id).last_used_at is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert time.time() - db.load_account(account_id).last_used_at < 60
