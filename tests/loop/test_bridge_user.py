"""Who an account is at Grok, which the bridge never knows: the proxy says it in its place."""

import base64
import os

import pytest
import requests

import db
from core.refusals import ACCOUNT_SIGNED_OUT
from tests.loop.bridge import ask, end_of, port_to, text_of
from tests.running_mirror import account_once, add_account, running_mirror

SESSION, SOCKET = "/api/auth/session", "/ws/mgw/"


@pytest.fixture
def mirror(one_standin, standin, tmp_path):
    """With one account, beside whose token somebody else's id was pasted."""
    environ = {
        "GROK_CONNECT_TO": one_standin.connect_to,
        "GROK_CA_FILE": str(one_standin.ca_file),
    }
    spare, other = one_standin.accounts["spare"], one_standin.accounts["super"]
    with running_mirror(tmp_path, environ) as running:
        running.account_ids["spare"] = add_account(spare.sso, "spare", other.user_id)
        running.wait_for_accounts(1)
        yield running


def test_grok_is_asked_once_and_what_was_wrong_is_put_right(mirror, standin):
    port, spare = port_to(mirror, "mgw"), standin.accounts["spare"]
    assert text_of(ask(port, "/plain")) == "Hello 👋"
    (upgrade,) = standin.control.requests(path=SOCKET)
    assert upgrade.query == f"uid={spare.user_id}"
    assert upgrade.cookies["x-userid"] == spare.user_id
    account_once(
        mirror.account_ids["spare"], lambda account: account.upstream_user_id == spare.user_id
    )
    standin.control.forget_requests()
    assert text_of(ask(port, "/plain")) == "Hello 👋"
    assert [seen.path for seen in standin.control.requests()] == [SOCKET], "and nothing else"


def test_a_session_that_is_over_is_named_with_its_account(mirror, standin):
    standin.control.revoke("spare")
    answer = requests.get(
        f"http://127.0.0.1:{mirror.wiring.internal_listen[1]}{SOCKET}?uid=",
        headers={
            "x-mirror-secret": mirror.wiring.secret,
            "x-mirror-caller": "env",
            "connection": "Upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": base64.b64encode(os.urandom(16)).decode(),
        },
        timeout=10,
    )
    assert answer.json()["error"]["code"] == ACCOUNT_SIGNED_OUT.code
    assert answer.headers["x-mirror-account"] == str(mirror.account_ids["spare"])
    assert standin.control.requests(path=SOCKET) == []
    assert end_of(list(ask(port_to(mirror, "mgw"), "/plain"))) in ("signed_out", "no_account")


def test_a_database_that_is_away_costs_a_question_and_no_turn(mirror, standin):
    held = db.connection.database.connection()
    held.execute("BEGIN EXCLUSIVE")
    try:
        assert text_of(ask(port_to(mirror, "mgw"), "/plain")) == "Hello 👋"
    finally:
        held.execute("ROLLBACK")
