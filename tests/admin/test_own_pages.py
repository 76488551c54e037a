"""Cars and the user's own page."""

import time
from collections.abc import Callable

import pytest

import db
from core.account import AccountStatus
from core.user import User
from tests.admin.conftest import Browser

type AddCar = Callable[..., int]


@pytest.mark.parametrize("path", ["/-/cars", "/-/me"])
def test_without_a_session_one_is_sent_to_sign_in(browser: Browser, path: str) -> None:
    response = browser.get(path)
    assert response.status_code == 303
    assert response.headers["Location"] == f"/-/sign-in?next={path}"


def test_a_revoked_session_ends_at_once(browser: Browser, alice: User) -> None:
    browser.sign_in(alice)
    assert browser.get("/-/me").status_code == 200
    db.set_user_enabled(alice.id, enabled=False)
    assert browser.get("/-/me").status_code == 303


def test_cars_show_states_in_words_and_no_secret(
    browser: Browser, alice: User, add_car: AddCar
) -> None:
    add_car(1, name="car one", email="secret@mail.example")
    cooling, out = add_car(2, name="car two"), add_car(3, name="car three")
    db.cool_account(cooling, time.time() + 600, "limit")
    db.mark_account(out, AccountStatus.SIGNED_OUT, "dead")
    page = browser.sign_in(alice).get("/-/cars?lang=en").text
    assert "Free" in page
    assert "Back at" in page
    assert "Signed out" in page
    assert "We suggest <b>car one</b>" in page
    assert "secret" not in page
    assert "eyJ" not in page


def test_no_cars_is_explained(browser: Browser, alice: User) -> None:
    assert "还没有可用的车" in browser.sign_in(alice).get("/-/cars").text


def test_choosing_and_automatic(browser: Browser, alice: User, add_car: AddCar) -> None:
    car = add_car(1)
    browser.sign_in(alice)
    assert browser.post("/-/cars", data={"car": str(car)}).headers["Location"] == "/"
    user = db.load_user(alice.id)
    assert user is not None
    assert (user.account_id, user.account_chosen) == (car, True)
    assert browser.post("/-/cars", data={"car": "automatic"}).status_code == 303
    user = db.load_user(alice.id)
    assert user is not None
    assert (user.account_id, user.account_chosen) == (None, False)


@pytest.mark.parametrize("wanted", ["2", "3", "4", "999", "-1", "1 OR 1=1", "", "１"])
def test_a_car_that_is_not_his_cannot_be_chosen(
    browser: Browser, alice: User, add_car: AddCar, wanted: str
) -> None:
    add_car(1)
    private, off, dead = add_car(2), add_car(3), add_car(4)
    db.make_private(private, db.ensure_user("bob").id)
    db.set_account(off, enabled=False)
    db.mark_account(dead, AccountStatus.SIGNED_OUT, "")
    response = browser.sign_in(alice).post("/-/cars", data={"car": wanted})
    assert response.status_code == 404
    user = db.load_user(alice.id)
    assert user is not None
    assert user.account_id is None


def test_me_lists_my_browsers_and_revokes_them(browser: Browser, alice: User) -> None:
    now = time.time()
    other = db.start_session(alice.id, now - 90_000, "Firefox · Windows")
    browser.sign_in(alice)
    page = browser.get("/-/me?lang=en").text
    assert "Firefox · Windows" in page
    assert "Last used 1 d ago" in page
    assert "This browser" in page
    found = db.find_session(other, now)
    assert found is not None
    assert browser.post(f"/-/me/sessions/{found.id}/end").headers["Location"] == "/-/me"
    assert db.find_session(other, now) is None
    assert db.find_session(browser.session, now) is not None


def test_nobody_revokes_the_session_of_another(browser: Browser, alice: User) -> None:
    bob = db.ensure_user("bob")
    cookie = db.start_session(bob.id, time.time())
    found = db.find_session(cookie, time.time())
    assert found is not None
    response = browser.sign_in(alice).post(f"/-/me/sessions/{found.id}/end")
    assert response.status_code == 404
    assert db.find_session(cookie, time.time()) is not None


def test_sign_out_everywhere(browser: Browser, alice: User) -> None:
    other = db.start_session(alice.id, time.time())
    mine = browser.sign_in(alice).session
    assert browser.post("/-/me/sessions/end-all").headers["Location"] == "/-/sign-in"
    assert db.find_session(other, time.time()) is None
    assert db.find_session(mine, time.time()) is None


def test_names_are_escaped(browser: Browser, add_car: AddCar, alice: User) -> None:
    add_car(1, name="<img src=x onerror=alert(1)>")
    assert "<img" not in browser.sign_in(alice).get("/-/cars").text
