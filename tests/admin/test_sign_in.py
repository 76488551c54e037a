"""Password, one-time link, sign-out, and who may send the forms."""

import time
from collections.abc import Callable

import pytest

import db
from core.user import User
from tests.admin.conftest import Browser


def test_the_right_password_signs_in(browser: Browser, alice: User) -> None:
    response = browser.post(
        "/-/sign-in", data={"user_name": " ALICE ", "password": "right password"}
    )
    assert response.status_code == 303
    assert response.headers["Location"] == "/"
    (cookie,) = response.headers.getlist("Set-Cookie")
    name, _, rest = cookie.partition("=")
    assert name == "__Host-mirror_session"
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in rest
    assert "Domain" not in rest
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert db.find_session(browser.session, time.time()) is not None


def test_over_plain_http_the_cookie_has_no_prefix(browser: Browser, alice: User) -> None:
    browser.origin = "http://192.0.2.1:8080"
    response = browser.post("/-/sign-in", data={"user_name": "alice", "password": "right password"})
    assert response.headers["Set-Cookie"].startswith("mirror_session=")
    assert "Secure" not in response.headers["Set-Cookie"]
    assert "Clear-Site-Data" not in response.headers


@pytest.mark.parametrize(
    "form",
    [
        {"user_name": "alice", "password": "wrong"},
        {"user_name": "nobody", "password": "right password"},
        {"user_name": "a b\x00", "password": "right password"},
        {"user_name": "", "password": ""},
        {},
        {"user_name": "<script>alert(1)</script>", "password": "x"},
    ],
)
def test_a_wrong_one_does_not_and_says_nothing_more(
    browser: Browser, alice: User, form: dict[str, str]
) -> None:
    response = browser.post("/-/sign-in", data=form, headers={"Accept-Language": "en"})
    assert response.status_code == 401
    assert "Wrong user name or password" in response.text
    assert "<script>alert" not in response.text
    assert not browser.session


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/c/123", "/c/123"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
    ],
)
def test_next_stays_on_the_mirror(browser: Browser, alice: User, wanted: str, given: str) -> None:
    response = browser.post(
        "/-/sign-in",
        data={"user_name": "alice", "password": "right password", "next": wanted},
    )
    assert response.headers["Location"] == given


def test_a_new_sign_in_ends_the_old_session(browser: Browser, alice: User) -> None:
    old = browser.sign_in(alice).session
    browser.post("/-/sign-in", data={"user_name": "alice", "password": "right password"})
    assert browser.session != old
    assert db.find_session(old, time.time()) is None


def test_who_never_chose_among_several_cars_is_asked(
    browser: Browser, alice: User, add_car: Callable[..., int]
) -> None:
    add_car(1)
    add_car(2)
    form = {"user_name": "alice", "password": "right password"}
    assert browser.post("/-/sign-in", data=form).headers["Location"] == "/-/cars"
    db.assign_account(alice.id, 1)
    assert browser.post("/-/sign-in", data=form).headers["Location"] == "/"


def test_five_wrong_passwords_block_this_peer_only(browser: Browser, alice: User) -> None:
    for _ in range(5):
        browser.post("/-/sign-in", data={"user_name": "alice", "password": "wrong"})
    good = {"user_name": "alice", "password": "right password"}
    blocked = browser.post("/-/sign-in", data=good)
    assert blocked.status_code == 429
    assert 0 < int(blocked.headers["Retry-After"]) <= 30
    browser.peer = "203.0.113.10"
    assert browser.post("/-/sign-in", data=good).status_code == 303


@pytest.mark.parametrize("path", ["/-/sign-in", "/-/sign-out", "/-/cars", "/-/me/sessions/1/end"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", None, "http://grok.example.com"]
)
def test_forms_of_other_sites_are_refused(
    browser: Browser, alice: User, path: str, origin: str | None
) -> None:
    cookie = browser.sign_in(alice).session
    response = browser.post(path, origin=origin, data={"car": "automatic"})
    assert response.status_code == 403
    assert db.find_session(cookie, time.time()) is not None


def test_a_link_asks_first_and_works_once(browser: Browser, alice: User) -> None:
    path = f"/-/link/{db.make_link(alice.id, time.time(), 60)}"
    for _ in range(2):
        assert "Alice" in browser.get(path).text
    assert not browser.session
    assert browser.post(path).status_code == 303
    assert db.find_session(browser.session, time.time()) is not None
    assert browser.post(path).status_code == 404
    assert browser.get(path).status_code == 404


def test_sign_out_ends_the_session_and_clears_the_browser(browser: Browser, alice: User) -> None:
    cookie = browser.sign_in(alice).session
    assert "<button" in browser.get("/-/sign-out").text
    assert db.find_session(cookie, time.time()) is not None
    response = browser.post("/-/sign-out")
    assert response.status_code == 303
    assert "Max-Age=0" in response.headers["Set-Cookie"]
    assert response.headers["Clear-Site-Data"]
    assert db.find_session(cookie, time.time()) is None


def test_pages_carry_the_strict_headers(browser: Browser) -> None:
    for path in ("/-/sign-in", "/-/nowhere", "/api/get-grok-list", "/-/static/ui.css"):
        headers = browser.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in browser.get("/-/sign-in").headers["Cache-Control"]


def test_a_page_has_no_inline_script_or_style_and_asks_nobody_else(browser: Browser) -> None:
    page = browser.get("/-/sign-in").text
    assert page.count("<script") == page.count('<script src="/-/static/forget.js?v=') == 1
    assert "<style" not in page
    assert "style=" not in page
    assert "//" not in page.replace("<!doctype html>", "")


def test_static_files_are_kept_by_their_version(browser: Browser) -> None:
    page = browser.get("/-/sign-in").text
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in browser.get(path).headers["Cache-Control"]


def test_the_database_being_away_is_a_503(
    browser: Browser, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise db.DatabaseUnavailableError("locked by PID 7")

    monkeypatch.setattr(db, "login_wait", away)
    response = browser.post("/-/sign-in", data={"user_name": "alice", "password": "x"})
    assert response.status_code == 503
    assert "PID 7" not in response.text


def test_our_own_mistake_shows_a_number_and_no_reason(
    browser: Browser, alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("SECRET in a message")

    monkeypatch.setattr(db, "login_wait", broken)
    response = browser.post("/-/sign-in", data={"user_name": "alice", "password": "x"})
    assert response.status_code == 500
    assert "req-1" in response.text
    assert "SECRET" not in response.text + caplog.text
