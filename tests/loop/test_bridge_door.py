"""The internal listener as the bridge uses it: by number, by conversation, by own token."""

import json
import time

import aiohttp
import pytest
import requests

import db
from core.mode_state import ModeState
from core.rests import Rest
from tests.loop.test_chat import answer_text, say
from tests.running_mirror import add_keys


@pytest.fixture
def ask(mirror):
    def ask(path, method="GET", body=None, **headers):
        url = f"http://127.0.0.1:{mirror.wiring.internal_listen[1]}{path}"
        named = {f"x-mirror-{k}": v for k, v in headers.items()}
        return requests.request(
            method,
            url,
            json=body,
            headers={"x-mirror-secret": mirror.wiring.secret, **named},
            timeout=10,
        )

    return ask


def user_id_of(answer):
    return answer.json()["session"]["userId"]


def test_a_call_is_lent_an_account_and_told_which(mirror, standin, ask):
    answer = ask("/api/auth/session", caller="env")
    names = {str(number): name for name, number in mirror.account_ids.items()}
    name = names[answer.headers["x-mirror-account"]]
    assert user_id_of(answer) == standin.accounts[name].user_id


def test_a_conversation_stays_on_its_account(mirror, standin, ask):
    add_keys(1)
    for name, number in mirror.account_ids.items():
        answer = ask("/api/auth/session", caller="key:1", account=str(number))
        assert user_id_of(answer) == standin.accounts[name].user_id


def test_what_failed_is_not_lent_again(mirror, standin, ask):
    avoid = str(mirror.account_ids["super"])
    answer = ask("/api/auth/session", caller="env", avoid=avoid)
    assert user_id_of(answer) == standin.accounts["heavy"].user_id
    everything = ",".join(map(str, mirror.account_ids.values()))
    refused = ask("/api/auth/session", caller="env", avoid=everything)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "no_account")


def test_an_own_token_is_used_and_not_kept(mirror, standin, ask):
    spare = standin.accounts["spare"]
    answer = ask("/api/auth/session", caller="sso", sso=spare.sso)
    assert user_id_of(answer) == spare.user_id
    assert answer.headers["x-mirror-account"] == "0"
    assert spare.sso not in [account.sso_token for account in db.load_accounts()]
    assert spare.sso not in mirror.log_text()


@pytest.mark.parametrize("headers", [{}, {"caller": "root"}, {"caller": "sso"}])
def test_a_call_that_says_nothing_sensible_is_refused(standin, ask, headers):
    standin.control.forget_requests()
    assert ask("/api/auth/session", **headers).status_code == 400
    assert standin.control.requests() == []


def test_grok_sees_a_page_like_request_and_no_word_of_ours(mirror, standin, ask):
    answer = ask(
        "/rest/app-chat/conversations/new",
        "POST",
        {"message": "/plain hi https://grok.com/c/1", "modeId": "fast", "temporary": True},
        caller="env",
    )
    assert answer.status_code == 403, "the stand-in wants a signature; the rest was right"
    (seen,) = standin.control.requests(path="/rest/app-chat/conversations/new")
    assert seen.header("origin") == "https://grok.com"
    assert "x-mirror" not in json.dumps(seen.headers).lower()


async def test_the_socket_works_for_the_bridge(mirror, standin):
    number = mirror.account_ids["super"]
    user_id = standin.accounts["super"].user_id
    url = f"ws://127.0.0.1:{mirror.wiring.internal_listen[1]}/ws/mgw/?uid={user_id}"
    headers = {
        "x-mirror-secret": mirror.wiring.secret,
        "x-mirror-caller": "env",
        "x-mirror-account": str(number),
    }
    async with aiohttp.ClientSession() as http, http.ws_connect(url, headers=headers) as socket:
        assert socket._response.headers["x-mirror-account"] == str(number)
        assert answer_text(await say(socket, "/plain hello"))


def test_the_operator_means_one_account_whatever_its_state(mirror, standin, ask):
    import db

    number = mirror.account_ids["heavy"]
    assert ask("/api/auth/session", caller="operator").status_code == 400, "he must name it"
    db.set_account(number, enabled=False)
    try:
        deadline = time.monotonic() + 5
        while ask("/api/auth/session", caller="env", account=str(number)).status_code != 503:
            assert time.monotonic() < deadline, "the proxy never saw that it is switched off"
            time.sleep(0.1)
        answer = ask("/api/auth/session", caller="operator", account=str(number))
        assert user_id_of(answer) == standin.accounts["heavy"].user_id
    finally:
        db.set_account(number, enabled=True)


def test_when_all_rest_a_call_is_told_when_to_come_back(mirror, standin, ask):
    now = time.time()
    states = [
        ModeState(
            account_id=number,
            mode="odd-mode",
            rest=Rest(now + 100 + number, 1, "rate_limited"),
            changed_at=now,
        )
        for number in [account.id for account in db.load_accounts()]
    ]
    db.save_mode_states(states)
    deadline = time.monotonic() + 6
    while time.monotonic() < deadline:
        answer = ask("/api/auth/session", caller="env", mode="odd-mode")
        if answer.status_code == 429:
            break
        time.sleep(0.1)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "all_busy")
    assert 90 <= int(answer.headers["retry-after"]) <= 102
