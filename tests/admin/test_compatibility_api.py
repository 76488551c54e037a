"""The endpoints that scripts of the neighbours call, with everything that can be wrong."""

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

import db
from core.user import User
from tests.admin.conftest import ORIGIN, PASSWORD, TOKEN, Browser

BEARER = "Bearer " + PASSWORD.encode().decode("latin-1")
MD5 = hashlib.md5(b"a@mail.example").hexdigest()
type AddCar = Callable[..., int]


def call(browser: Browser, path: str, body: Any, bearer: str | None = BEARER) -> TestResponse:
    headers = {} if bearer is None else {"Authorization": bearer}
    data = body if isinstance(body, bytes) else json.dumps(body)
    return browser.post(f"/api/{path}", origin=None, data=data, headers=headers)


def link_of(response: TestResponse) -> str:
    url = response.get_json()["login_url"]
    assert url.startswith(f"{ORIGIN}/-/link/")
    return str(url.removeprefix(ORIGIN))


def test_login_by_the_md5_of_an_email(browser: Browser, add_car: AddCar) -> None:
    car = add_car(1, email=" A@mail.example")
    response = call(
        browser, "login", {"user_name": "New User".replace(" ", ""), "email_md5": MD5.upper()}
    )
    assert response.status_code == 200
    body = response.get_json()
    assert (body["code"], body["msg"], body["user_name"]) == (0, "ok", "newuser")
    session = db.find_session(browser.session, time.time())
    assert session is not None
    assert session.account_id == car
    assert browser.post(link_of(response)).status_code == 303


def test_an_unknown_email_is_404_and_makes_no_user(browser: Browser) -> None:
    assert call(browser, "login", {"user_name": "bob", "email_md5": MD5}).status_code == 404
    assert db.load_users() == []


def test_login_with_a_token_adds_the_account_once(browser: Browser) -> None:
    for _ in range(2):
        body = {"user_name": "bob", "sso_token": f"sso={TOKEN % 7}"}
        response = call(browser, "login-v2", body)
        assert response.status_code == 200
        assert "secret" not in response.text
    assert len(db.load_accounts()) == 1
    assert len(db.load_users()) == 1


def test_a_private_or_disabled_account_or_user_is_refused(
    browser: Browser, add_car: AddCar, alice: User
) -> None:
    car = add_car(1, email="a@mail.example")
    db.make_private(car, alice.id)
    assert call(browser, "login", {"user_name": "bob", "email_md5": MD5}).status_code == 403
    db.make_private(car, None)
    db.set_user_enabled(alice.id, enabled=False)
    assert call(browser, "login", {"user_name": "alice", "email_md5": MD5}).status_code == 403
    assert not browser.session


def test_a_batch_reports_each_item_and_repeats_none(browser: Browser) -> None:
    items = [TOKEN % 1, f"sso={TOKEN % 2}; sso-rw=x", TOKEN % 1, "garbage-SECRET", ""]
    response = call(browser, "batch-add-grok-token", {"sso_token_list": items})
    body = response.get_json()
    assert [item["result"] for item in body["results"]] == [
        "added",
        "added",
        "duplicate",
        "malformed",
        "malformed",
    ]
    assert (body["added"], body["duplicate"], body["malformed"]) == (2, 1, 2)
    assert "secret" not in response.text.lower()
    assert "SECRET" not in response.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_list_is_paged_and_masked(browser: Browser, add_car: AddCar, method: str) -> None:
    for number in range(3):
        add_car(number)
    if method == "GET":
        browser.headers = {"Authorization": BEARER}
        response = browser.get("/api/get-grok-list?page=2&page_size=2")
    else:
        response = call(browser, "get-grok-list", {"page": "2", "page_size": "2"})
    body = response.get_json()
    assert (body["total"], body["page"], body["page_size"]) == (3, 2, 2)
    (shown,) = body["data"]
    assert shown["sso_token"] == "eyJhbGci…0002"
    assert "secret" not in response.text


def test_an_empty_body_lists_the_first_page(browser: Browser) -> None:
    assert call(browser, "get-grok-list", b"").get_json()["page_size"] == 20


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        pytest.param("login", b"", "not valid JSON", id="no body"),
        pytest.param("login", b"{", "not valid JSON", id="half a body"),
        pytest.param("login", b"\xff\xfe", "not valid JSON", id="not UTF-8"),
        pytest.param("login", b"[" * 200_000, "not valid JSON", id="nested too deep"),
        pytest.param("login", [1], "must be a JSON object", id="a list"),
        pytest.param("login", None, "must be a JSON object", id="null"),
        pytest.param("login", {}, "user_name", id="no name"),
        pytest.param("login", {"user_name": 5, "email_md5": MD5}, "user_name", id="a number"),
        pytest.param("login", {"user_name": "a"}, "email_md5", id="no MD5"),
        pytest.param("login", {"user_name": "a", "email_md5": "x"}, "MD5", id="no hex"),
        pytest.param("login-v2", {"user_name": "a", "sso_token": "x"}, "malformed", id="no token"),
        pytest.param("login-v2", {"user_name": "a", "sso_token": {}}, "sso_token", id="object"),
        pytest.param(
            "login-v2", {"user_name": "a b", "sso_token": TOKEN % 1}, "用户名", id="bad name"
        ),
        pytest.param(
            "login-v2",
            {"user_name": "a\u0000", "sso_token": TOKEN % 1},
            "用户名",
            id="NUL in a name",
        ),
        pytest.param("batch-add-grok-token", {"sso_token_list": "x"}, "list", id="no list"),
        pytest.param("batch-add-grok-token", {"sso_token_list": [1]}, "list", id="numbers"),
        pytest.param(
            "batch-add-grok-token", {"sso_token_list": ["x"] * 10_001}, "10000", id="many"
        ),
        pytest.param("get-grok-list", {"page": 0}, "page", id="page nought"),
        pytest.param("get-grok-list", {"page": True}, "page", id="page true"),
        pytest.param("get-grok-list", {"page": 1.5}, "page", id="page and a half"),
        pytest.param("get-grok-list", {"page_size": 201}, "page_size", id="page too large"),
        pytest.param("get-grok-list", {"page_size": "1e9"}, "page_size", id="page far too large"),
        pytest.param("get-grok-list", {"page": "１"}, "page", id="full-width digit"),
        pytest.param("get-grok-list", {"page": None}, "page", id="page null"),
        pytest.param("logout", {"user_name": []}, "user_name", id="logout of a list"),
    ],
)
def test_bad_input_is_400_with_a_reason(
    browser: Browser, path: str, body: object, message: str
) -> None:
    response = call(browser, path, body)
    assert response.status_code == 400
    assert response.get_json()["code"] == 400
    assert message in response.get_json()["msg"]


@pytest.mark.parametrize("path", ["login", "login-v2", "batch-add-grok-token", "get-grok-list"])
@pytest.mark.parametrize(
    "bearer", [None, "Bearer", "Bearer ", "Bearer None", "Bearer ü", "Basic eA==", PASSWORD[:5]]
)
def test_without_the_password_nothing_is_done(
    browser: Browser, path: str, bearer: str | None
) -> None:
    response = call(browser, path, {}, bearer)
    assert response.status_code == 401
    assert response.get_json()["code"] == 401


def test_wrong_passwords_are_throttled_and_the_right_one_waits_too(browser: Browser) -> None:
    for _ in range(5):
        assert call(browser, "get-grok-list", {}, "Bearer wrong").status_code == 401
    response = call(browser, "get-grok-list", {})
    assert response.status_code == 429
    assert response.headers["Retry-After"]
    browser.peer = "127.0.0.1"
    assert call(browser, "get-grok-list", {}).status_code == 200


def test_a_body_that_is_too_large_is_413(browser: Browser) -> None:
    response = call(browser, "login", b" " * 300_000)
    assert response.status_code == 413
    assert response.get_json()["code"] == 413


def test_other_methods_and_paths_answer_in_json(browser: Browser) -> None:
    wrong_method = browser.get("/api/login")
    assert (wrong_method.status_code, wrong_method.get_json()["code"]) == (405, 405)
    assert "POST" in wrong_method.headers["Allow"]
    assert browser.get("/api/nowhere").get_json()["code"] == 404


def test_logout_of_a_user_by_a_script(browser: Browser, alice: User) -> None:
    cookie = db.start_session(alice.id, time.time())
    assert call(browser, "logout", {"user_name": "ALICE"}).get_json()["sessions"] == 1
    assert db.find_session(cookie, time.time()) is None
    assert call(browser, "logout", {"user_name": "nobody"}).get_json()["sessions"] == 0


def test_logout_of_the_browser_that_asks(browser: Browser, alice: User) -> None:
    cookie = browser.sign_in(alice).session
    assert browser.post("/api/logout", origin="https://evil.example").status_code == 401
    assert db.find_session(cookie, time.time()) is not None
    assert browser.post("/api/logout").status_code == 200
    assert db.find_session(cookie, time.time()) is None


def test_not_login_uses_a_link_up(browser: Browser, alice: User) -> None:
    path = f"/api/not-login?user_gateway_token={db.make_link(alice.id, time.time(), 60)}"
    assert browser.get(path).status_code == 303
    assert db.find_session(browser.session, time.time()) is not None
    assert browser.get(path).status_code == 401
    assert browser.get("/api/not-login").status_code == 401
