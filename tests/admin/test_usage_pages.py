"""Totals and charts: of everything, of an account, a key, a user; drawn here, and as a table."""

import re
import time
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

import db
from core.api_key import KeyRules
from tests.admin.test_account_pages import Desk
from tests.admin.test_record_pages import RECORD


@pytest.fixture
def desk(operator: FlaskClient) -> Desk:
    return Desk(operator)


def keep(count: int, *, ago: float = 0.0, **more: Any) -> None:
    moment = time.time() - ago
    db.add_records([replace(RECORD, ended_at=moment, **more) for _ in range(count)])


def test_an_empty_mirror_has_an_empty_chart(desk: Desk) -> None:
    page = desk.get("/admin/usage").text
    assert "0 requests" in page
    assert "Nothing in this time" in page
    assert 'class="chart"' not in desk.get("/admin").text, "a beginner has other things to see"


def test_the_page_ranks_callers_and_accounts(desk: Desk, add_car: Any) -> None:
    number, user = add_car(1, name="blue"), db.add_user("Eve")
    keep(3, caller=f"user:{user.id}", account_id=number)
    keep(2, caller="env", account_id=number, outcome="failed")
    keep(1, caller="", account_id=None)
    page = desk.get("/admin/usage").text
    assert "6 requests" in page
    assert "66.7% well" in page
    order = re.findall(r'<span class="cut">(?:<a[^>]*>)?([^<]+)', page)
    assert order == ["Eve", "AUTHORIZATION key", "nobody signed in", "blue", "no account"]
    assert "2 failed" in page
    assert " style=" not in page


def test_one_person_is_shown_alone(desk: Desk, add_car: Any) -> None:
    number, user = add_car(1, name="blue"), db.add_user("Eve")
    keep(3, caller=f"user:{user.id}", account_id=number)
    keep(4, caller="env", account_id=number)
    for said in (f"user:{user.id}", "eve"):
        page = desk.get(f"/admin/usage?caller={said}").text
        assert "<h1>Eve</h1>" in page
        assert "3 requests" in page
    assert f"/admin/usage?caller=user:{user.id}" in desk.get(f"/admin/users/{user.id}").text
    assert "0 requests" in desk.get("/admin/usage?caller=nobody:0&span=7d").text
    keep(1, caller="")
    assert "1 requests" in desk.get("/admin/usage?caller=-").text
    assert 'id="r8"' in desk.get("/admin/records?caller=-").text


def test_the_span_is_in_the_address(desk: Desk) -> None:
    keep(2, ago=3 * 86_400)
    keep(1)
    assert "1 requests" in desk.get("/admin/usage").text
    week = desk.get("/admin/usage?span=7d").text
    assert "3 requests" in week
    assert week.count('class="slot"') == 28
    assert re.search(r'aria-current="true">Last 7 days', week)
    assert "1 requests" in desk.get("/admin/usage?span=9y").text


def test_account_key_and_overview_have_their_part(desk: Desk, add_car: Any) -> None:
    number, now = add_car(1), time.time()
    key, _ = db.add_api_key("k", KeyRules(), now)
    keep(2, caller=f"key:{key.id}", account_id=number)
    keep(5, caller="env", account_id=number)
    assert "7 requests" in desk.get(f"/admin/accounts/{number}").text
    assert "2 requests" in desk.get(f"/admin/keys/{key.id}").text
    assert "7 requests" in desk.get("/admin").text
    assert (
        f"/admin/records?account={number}&amp;span=24h"
        in desk.get(f"/admin/accounts/{number}").text
    )
