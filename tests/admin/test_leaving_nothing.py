"""Whoever comes in or goes on https has the browser forget what the page kept for the last user."""

import time
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

import db
from admin.app import create_user_app
from core.settings import Settings
from core.user import User
from tests.admin.conftest import Browser

type Move = Callable[[Browser, User], TestResponse]


def by_invitation(browser: Browser, alice: User) -> TestResponse:
    _, code = db.make_invite(time.time(), 3600.0, 1)
    wishes = {"code": code, "user_name": "carol", "password": "a new password"}
    return browser.post("/-/join", data=wishes)


def as_another(browser: Browser, alice: User) -> TestResponse:
    """While somebody else is signed in."""
    browser.sign_in(db.ensure_user("bob"))
    return browser.post("/-/sign-in", data={"user_name": "alice", "password": "right password"})


def this_browser(browser: Browser, alice: User) -> TestResponse:
    cookie = browser.sign_in(alice).session
    found = db.find_session(cookie, time.time())
    assert found
    return browser.post(f"/-/me/sessions/{found.id}/end")


MOVES: dict[str, Move] = {
    "password": lambda browser, alice: browser.post(
        "/-/sign-in", data={"user_name": "alice", "password": "right password"}
    ),
    "as another": as_another,
    "link": lambda browser, alice: browser.post(
        f"/-/link/{db.make_link(alice.id, time.time(), 60)}"
    ),
    "invitation": by_invitation,
    "guest": lambda browser, alice: browser.post("/-/guest"),
    "sign out": lambda browser, alice: browser.sign_in(alice).post("/-/sign-out"),
    "this browser": this_browser,
    "everywhere": lambda browser, alice: browser.sign_in(alice).post("/-/me/sessions/end-all"),
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
@pytest.mark.parametrize(
    ("origin", "clears"),
    [("https://grok.example.com", '"cache", "storage"'), ("http://192.0.2.1:8080", None)],
)
def test_a_change_of_users_clears_the_browser(
    settings: Settings, alice: User, move: Move, origin: str, clears: str | None
) -> None:
    app = create_user_app(Settings(data_dir=settings.data_dir, guest_mode=True))
    response = move(Browser(app, origin=origin), alice)
    assert response.status_code == 303
    assert "mirror_session=" in response.headers["Set-Cookie"]
    assert response.headers.get("Clear-Site-Data") == clears
