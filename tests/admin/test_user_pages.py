"""The console's users: who may come in, and how; nothing secret is shown twice."""

import re
import time

import pytest
from flask.testing import FlaskClient

import db
from tests.admin.test_account_pages import Desk

PAGE = "/admin/users"


@pytest.fixture
def desk(operator: FlaskClient) -> Desk:
    return Desk(operator)


def test_a_user_without_a_password_gets_a_link_that_works_once(desk: Desk) -> None:
    assert desk.post(PAGE, name="Élodie").status_code == 303
    page = desk.get(PAGE).text
    found = re.search(r'value="http://127\.0\.0\.1:8080/-/link/([\w-]+)"', page)
    assert found
    assert found[1] not in desk.get(PAGE).text
    user = db.use_link(found[1], time.time())
    assert user
    assert user.display_name == "Élodie"


def test_a_user_with_a_password(desk: Desk) -> None:
    desk.post(PAGE, name="bob", password="a good password")
    assert db.check_password("bob", "a good password", time.time())
    page = desk.get(PAGE).text
    assert "by password" in page
    assert "a good password" not in page


@pytest.mark.parametrize(
    "form", [{"name": ""}, {"name": "ALICE"}, {"name": "new", "password": "short"}]
)
def test_what_cannot_be_is_said(desk: Desk, form: dict[str, str]) -> None:
    db.add_user("alice")
    answer = desk.post(PAGE, **form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert len(db.load_users()) == 1


def test_shutting_out_letting_in_and_a_new_password(desk: Desk) -> None:
    user = db.add_user("carol", "old password")
    db.start_session(user.id, time.time())
    assert "</span>1</td>" in desk.get(PAGE).text
    desk.post(f"{PAGE}/{user.id}", do="disable")
    assert "carol is shut out" in desk.get(PAGE).text
    assert db.count_sessions_by_user(time.time()) == {}
    desk.post(f"{PAGE}/{user.id}", do="enable")
    assert desk.post(f"{PAGE}/{user.id}", do="password", password="short").status_code == 400
    desk.post(f"{PAGE}/{user.id}", do="password", password="new password")
    assert db.check_password("carol", "new password", time.time())
    assert desk.post(f"{PAGE}/{user.id}", do="dance").status_code == 400
    assert desk.post(f"{PAGE}/99", do="enable").status_code == 404


def test_searching_and_paging(desk: Desk) -> None:
    for number in range(60):
        db.ensure_user(f"user-{number:02d}")
    page = desk.get(PAGE).text
    assert "1–50 of 60" in page
    assert "51–60 of 60" in desk.get(f"{PAGE}?page=2").text
    assert "1–10 of 10" in desk.get(f"{PAGE}?q=USER-3").text
    assert "No user" in desk.get(f"{PAGE}?q=zebra").text
