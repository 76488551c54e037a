"""The site password, invitations and guests, as the sidecar answers."""

import time
from dataclasses import replace

import pytest

import db
from admin import ways_in
from admin.app import create_user_app
from core.settings import Settings
from core.site_password import KIND, lets_by
from core.user import UserRules
from tests.admin.conftest import Browser

WORD = "the word"


def mirror(settings: Settings, **more: object) -> Browser:
    return Browser(create_user_app(replace(settings, **more)))  # type: ignore[arg-type]


def invite(**more: object) -> str:
    return db.make_invite(time.time(), 3600.0, 1, **more)[1]  # type: ignore[arg-type]


def join(browser: Browser, code: str, name: str = "Alice", password: str = "a good password"):
    form = {"code": code, "user_name": name, "password": password}
    return browser.post("/-/join", data=form)


def test_by_an_invitation_one_is_a_user_and_signed_in(browser: Browser) -> None:
    code = invite(rules=UserRules(day_limit=7))
    assert code in browser.get(f"/-/join?code={code}").text
    answer = join(browser, code)
    assert answer.status_code == 303
    assert db.find_user("alice").rules.day_limit == 7
    assert "0 / 7" in browser.get("/-/me").text


@pytest.mark.parametrize(
    ("form", "status", "told"),
    [
        ({"password": "short"}, 400, "8"),
        ({"name": "a b"}, 400, "1–64"),
        ({"name": "TAKEN"}, 409, "已被使用"),
        ({"code": "wrong"}, 401, "无效"),
    ],
)
def test_what_is_wrong_is_said_and_uses_nothing_up(
    browser: Browser, form: dict[str, str], status: int, told: str
) -> None:
    db.add_user("taken")
    code = invite()
    answer = join(browser, **{"code": code, **form})  # type: ignore[arg-type]
    assert answer.status_code == status
    assert told in answer.text
    assert "a good password" not in answer.text
    assert not browser.session
    assert db.find_invite(code, time.time())


def test_guessing_codes_is_slowed_down_like_guessing_passwords(browser: Browser) -> None:
    for _ in range(5):
        assert join(browser, "guess").status_code == 401
    answer = join(browser, invite())
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_other_sites_cannot_make_anybody_join(browser: Browser) -> None:
    form = {"code": invite(), "user_name": "a", "password": "a good password"}
    assert browser.post("/-/join", data=form, origin="https://evil.example").status_code == 403


def test_the_sign_in_page_tells_of_invitations_only_while_there_are_some(browser: Browser) -> None:
    assert "/-/join" not in browser.get("/-/sign-in").text
    invite()
    assert "/-/join" in browser.get("/-/sign-in").text


def test_the_site_password_is_asked_and_remembered_in_a_sealed_cookie(settings: Settings) -> None:
    browser = mirror(settings, site_password=WORD)
    assert browser.get("/-/enter").status_code == 200
    assert browser.post("/-/enter", data={"password": "x"}).status_code == 401
    form = {"password": WORD, "next": "/c/abc"}
    answer = browser.post("/-/enter", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/c/abc")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-mirror_site=")
    assert "HttpOnly" in cookie
    assert WORD not in cookie
    value = cookie.partition("=")[2].partition(";")[0]
    assert lets_by(db.open_note(KIND, value), WORD, time.time())
    evil = browser.post("/-/enter", data={"password": WORD, "next": "//evil.example"})
    assert evil.headers["Location"] == "/"


def test_guessing_the_site_password_is_slowed_down(settings: Settings) -> None:
    browser = mirror(settings, site_password=WORD)
    told = [browser.post("/-/enter", data={"password": "x"}).status_code for _ in range(6)]
    assert told == [401] * 5 + [429]


def test_ways_that_are_switched_off_are_not_there(browser: Browser) -> None:
    assert browser.get("/-/enter").status_code == 404
    assert browser.post("/-/guest").status_code == 404
    assert "/-/guest" not in browser.get("/-/sign-in").text


def test_a_guest_is_a_user_of_his_own_with_a_guests_limit(settings: Settings) -> None:
    pool = db.add_pool("for guests")
    more = {"guest_mode": True, "guest_day_limit": 3, "guest_pool": "For Guests"}
    browsers = [mirror(settings, **more) for _ in range(2)]
    for browser in browsers:
        assert "/-/guest" in browser.get("/-/sign-in").text
        assert browser.post("/-/guest", data={"next": "/c/1"}).headers["Location"] == "/c/1"
        assert "0 / 3" in browser.get("/-/me").text
    one, other = db.load_users()
    assert one.name != other.name
    assert one.rules == UserRules(day_limit=3, pools=frozenset({pool.id}))
    assert one.is_guest


def test_nobody_gets_guests_without_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways_in, "GUESTS_OF_AN_ADDRESS", 2)
    browser = mirror(settings, guest_mode=True)
    told = [browser.post("/-/guest").status_code for _ in range(3)]
    assert told == [303, 303, 429]
    browser.peer = "198.51.100.7"
    assert browser.post("/-/guest").status_code == 303


def test_a_pool_for_guests_that_is_not_there_lets_no_guest_in(settings: Settings) -> None:
    browser = mirror(settings, guest_mode=True, guest_pool="nope")
    assert browser.post("/-/guest").status_code == 503
    assert db.load_users() == []
