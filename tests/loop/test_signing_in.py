"""Signing in through the mirror, with the sidecar behind it: pages, links and /api/login."""

import hashlib
import os
import re
import signal
import time
from pathlib import Path

import pytest
import requests

import db
from tests.running_mirror import ADMIN_PASSWORD, add_account, running_mirror

BEARER = {"authorization": f"Bearer {ADMIN_PASSWORD}"}


@pytest.fixture(scope="module")
def whole(one_standin, tmp_path_factory):
    """Proxy and sidecar, one account with an e-mail, one user with a password."""
    environ = {
        "GROK_CONNECT_TO": one_standin.connect_to,
        "GROK_CA_FILE": str(one_standin.ca_file),
    }
    folder = tmp_path_factory.mktemp("whole")
    with running_mirror(folder, environ, with_sidecar=True) as mirror:
        account = one_standin.accounts["super"]
        account_id = add_account(account.sso, "super", account.user_id)
        db.learn_account(account_id, upstream_user_id=account.user_id, email=account.email)
        db.add_user("alice", "a good password")
        mirror.wait_for_accounts(1)
        yield mirror


@pytest.fixture
def browser():
    with requests.Session() as session:
        session.trust_env = False
        session.headers["accept"] = "text/html"
        yield session


def sign_in(mirror, browser, name="alice", password="a good password", next_="/"):
    return browser.post(
        f"{mirror.url}/-/sign-in",
        data={"user_name": name, "password": password, "next": next_},
        headers={"origin": mirror.url},
        allow_redirects=False,
    )


def test_a_page_leads_to_sign_in_and_back(whole, browser, standin):
    page = browser.get(whole.url + "/")
    assert page.url.startswith(whole.url + "/-/sign-in")
    answer = sign_in(whole, browser, next_="/c/abc")
    assert answer.status_code in (302, 303)
    assert answer.headers["location"].endswith("/c/abc")
    assert browser.get(whole.url + "/api/auth/session").json()["status"] == "authenticated"


def test_a_wrong_password_signs_nobody_in(whole, browser):
    sign_in(whole, browser, password="wrong")
    assert not browser.cookies.get("mirror_session")


def test_another_site_cannot_sign_somebody_in(whole):
    answer = requests.post(
        f"{whole.url}/-/sign-in",
        data={"user_name": "alice", "password": "a good password"},
        headers={"origin": "https://evil.example"},
        allow_redirects=False,
        timeout=10,
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_signing_out_ends_the_mirror_session_and_not_the_accounts(whole, browser, standin):
    sign_in(whole, browser)
    cookie = browser.cookies["mirror_session"]
    browser.post(f"{whole.url}/-/sign-out", headers={"origin": whole.url})
    time.sleep(2.1)
    after = requests.get(
        whole.url + "/api/auth/session", cookies={"mirror_session": cookie}, timeout=10
    )
    assert after.status_code == 401
    sign_in(whole, browser)
    assert browser.get(whole.url + "/api/auth/session").json()["status"] == "authenticated"


def test_a_link_signs_in_once(whole, browser):
    token = db.make_link(db.find_user("alice").id, time.time(), 60)
    url = f"{whole.url}/-/link/{token}"
    assert browser.get(url).status_code == 200
    assert not browser.cookies.get("mirror_session"), "looking at a link must not use it up"
    browser.post(url, headers={"origin": whole.url}, allow_redirects=False)
    assert browser.cookies.get("mirror_session")
    with requests.Session() as second:
        second.post(url, headers={"origin": whole.url}, allow_redirects=False)
        assert not second.cookies.get("mirror_session")


def test_the_login_of_the_original_opens_the_next_requests(whole, standin):
    email = standin.accounts["super"].email
    with requests.Session() as caller:
        answer = caller.post(
            whole.url + "/api/login",
            json={"user_name": "Bob", "email_md5": hashlib.md5(email.encode()).hexdigest()},
            headers=BEARER,
        )
        assert answer.status_code == 200
        assert caller.get(whole.url + "/api/auth/session").json()["status"] == "authenticated"
        link = answer.json()["login_url"]
    assert re.match(rf"{re.escape(whole.url)}/-/link/[\w-]+$", link)


def test_the_second_login_takes_a_token(whole, standin):
    with requests.Session() as caller:
        answer = caller.post(
            whole.url + "/api/login-v2",
            json={"user_name": "carol", "sso_token": standin.accounts["heavy"].sso},
            headers=BEARER,
        )
        assert answer.status_code == 200
        seen = caller.get(whole.url + "/api/auth/session").json()
        assert seen["session"]["userId"] == standin.accounts["heavy"].user_id
    assert standin.accounts["heavy"].sso not in answer.text


@pytest.mark.parametrize("path", ["/api/login", "/api/login-v2", "/api/batch-add-grok-token"])
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}])
def test_the_api_wants_the_admin_password(whole, path, headers):
    answer = requests.post(whole.url + path, json={}, headers=headers, timeout=10)
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/json")


def test_tokens_are_listed_masked_with_strings_or_numbers(whole, standin):
    for body in ({"page": "1", "page_size": "10"}, {"page": 1, "page_size": 10}):
        answer = requests.post(
            whole.url + "/api/get-grok-list", json=body, headers=BEARER, timeout=10
        )
        assert answer.status_code == 200
        assert standin.accounts["super"].sso not in answer.text


def test_a_car_can_be_chosen(whole, browser, standin):
    sign_in(whole, browser)
    page = browser.get(whole.url + "/-/cars")
    assert "super" in page.text
    assert standin.accounts["super"].sso not in page.text


def test_the_sidecar_hangs_and_the_mirror_goes_on(whole, browser, standin):
    sign_in(whole, browser)
    sidecar = whole.processes["sidecar"]
    children = Path(f"/proc/{sidecar.pid}/task/{sidecar.pid}/children").read_text().split()
    pids = [sidecar.pid, *map(int, children)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        assert browser.get(whole.url + "/api/auth/session").status_code == 200
        start = time.monotonic()
        page = browser.get(whole.url + "/-/me", headers={"accept-language": "en"})
        assert page.status_code == 503
        assert "sign-in service is restarting" in page.text
        assert time.monotonic() - start < 7
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert browser.get(whole.url + "/-/me").status_code == 200
