"""What has no row is counted, within bounds, and what the operator allows is known."""

import pytest

import db
from core.unknown_routes import UnknownRoute

NEW = UnknownRoute("GET", "grok.com", "/rest/new")
OLD = UnknownRoute("POST", "grok.com", "/rest/old/{id}")


@pytest.fixture(autouse=True)
def _opened(opened):
    return opened


def test_counts_add_up_and_the_most_wanted_comes_first():
    db.count_unknown_routes({NEW: 1, OLD: 5}, 100.0)
    db.count_unknown_routes({NEW: 7}, 200.0)
    first, second = db.load_unknown_routes()
    assert (first.route, first.count, first.last_seen_at, first.allowed) == (NEW, 8, 200.0, False)
    assert (second.route, second.count) == (OLD, 5)


def test_what_is_allowed_is_known_to_all_processes():
    db.count_unknown_routes({NEW: 1}, 1.0)
    (one,) = db.load_unknown_routes()
    before = db.revision()
    assert db.allow_unknown_route(one.id, allowed=True) == NEW
    assert db.load_allowed_routes() == {NEW}
    assert db.revision() > before
    db.count_unknown_routes({NEW: 1}, 2.0)
    assert db.load_allowed_routes() == {NEW}, "counting takes nothing back"
    assert db.allow_unknown_route(one.id, allowed=False) == NEW
    assert db.load_allowed_routes() == frozenset()
    assert db.allow_unknown_route(99, allowed=True) is None


def test_the_list_can_be_emptied_but_for_what_is_allowed():
    db.count_unknown_routes({NEW: 1, OLD: 1}, 1.0)
    db.allow_unknown_route(db.load_unknown_routes()[0].id, allowed=True)
    assert db.forget_unknown_routes() == 1
    assert len(db.load_unknown_routes()) == 1


def test_a_scanner_does_not_fill_the_database(monkeypatch):
    monkeypatch.setattr("db.unknown_routes.MOST_KEPT", 3)
    many = {UnknownRoute("GET", "grok.com", f"/x{'y' * number}"): 1 for number in range(10)}
    db.count_unknown_routes(many, 1.0)
    db.count_unknown_routes({**many, NEW: 1}, 2.0)
    kept = db.load_unknown_routes()
    assert len(kept) == 3
    assert all(one.count == 2 for one in kept)
