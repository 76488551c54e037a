"""The operator sees what no row describes, and lets it pass with a click."""

import pytest
from flask.testing import FlaskClient

import db
from core.unknown_routes import EVENT, UnknownRoute
from tests.admin.test_account_pages import Desk

NEW = UnknownRoute("GET", "grok.com", "/rest/<new>/{id}")
SAID = UnknownRoute(EVENT, "", "custom_method.call")


@pytest.fixture
def desk(operator: FlaskClient) -> Desk:
    return Desk(operator)


def test_nothing_unknown_is_said_so(desk: Desk) -> None:
    assert "No unknown route" in desk.get("/admin/routes").text


def test_a_route_is_allowed_and_taken_back(desk: Desk) -> None:
    db.count_unknown_routes({NEW: 3, SAID: 1}, 1.0)
    page = desk.get("/admin/routes").text
    assert "grok.com/rest/&lt;new&gt;/{id}" in page
    assert "chat event" in page
    first = db.load_unknown_routes()[0]
    desk.post(f"/admin/routes/{first.id}", do="allow")
    assert db.load_allowed_routes() == {NEW}
    assert "may pass" in desk.get("/admin/routes").text
    desk.post(f"/admin/routes/{first.id}", do="refuse")
    assert db.load_allowed_routes() == frozenset()
    desk.post("/admin/routes", do="forget")
    assert db.load_unknown_routes() == []


def test_odd_wishes_are_refused(desk: Desk) -> None:
    assert desk.post("/admin/routes/1", do="allow").status_code == 404
    assert desk.post("/admin/routes/1", do="fly").status_code == 400
    assert desk.post("/admin/routes", do="fly").status_code == 400
