"""The part an account plays: set for one or for many; and great changes ask before they happen."""

from typing import Any

import pytest
from flask.testing import FlaskClient

import db
from core.account import Account, Traffic
from tests.admin.test_account_pages import Desk


@pytest.fixture
def desk(operator: FlaskClient) -> Desk:
    return Desk(operator)


def account(number: int) -> Account:
    found = db.load_account(number)
    assert found
    return found


def role(number: int) -> tuple[Traffic, int, int | None, bool]:
    found = account(number)
    return found.traffic, found.priority, found.concurrency, found.draining


def test_one_accounts_part_is_set_and_shown(desk: Desk, add_car: Any) -> None:
    number = add_car(1, name="car")
    path = f"/admin/accounts/{number}"
    said = {"traffic": "api", "priority": "-5", "concurrency": "9", "draining": "yes"}
    assert desk.post(f"{path}/role", **said).status_code == 303
    assert role(number) == (Traffic.API, -5, 9, True)
    for page in (desk.get(path).text, desk.get("/admin/accounts").text):
        for shown in ("draining", "API only", "priority -5", "9 at once"):
            assert shown in page
    desk.post(f"{path}/role", traffic="both", priority="", concurrency="")
    assert role(number) == (Traffic.BOTH, 0, None, False)
    assert account(number).name == "car"


@pytest.mark.parametrize(
    "wrong",
    [
        {"traffic": "air"},
        {"priority": "high"},
        {"priority": "1001"},
        {"concurrency": "0"},
        {"concurrency": "65"},
        {"concurrency": "²"},
    ],
)
def test_a_part_that_cannot_be_changes_nothing(
    desk: Desk, add_car: Any, wrong: dict[str, str]
) -> None:
    number = add_car()
    said = {"traffic": "web", "priority": "1", "concurrency": "2", "draining": "yes"} | wrong
    answer = desk.post(f"/admin/accounts/{number}/role", **said)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert role(number) == (Traffic.BOTH, 0, None, False)


def test_many_get_the_same_part(desk: Desk, add_car: Any) -> None:
    first, second, other = (add_car(number) for number in (1, 2, 3))
    assert "2 accounts drain" in desk.act("drain", first, second)
    assert account(second).draining
    assert "given out again" in desk.act("fill", first)
    for do, form in (
        ("traffic", {"traffic": "reserve"}),
        ("priority", {"priority": "7"}),
        ("concurrency", {"concurrency": "3"}),
    ):
        assert "The part of 2 accounts" in desk.act(do, first, second, **form)
    assert role(first) == (Traffic.RESERVE, 7, 3, False)
    assert role(other) == (Traffic.BOTH, 0, None, False)
    for do, form in (
        ("traffic", {}),
        ("priority", {"priority": "x"}),
        ("concurrency", {"concurrency": "x"}),
    ):
        assert 'role="alert"' in desk.act(do, first, **form)
    assert role(first) == (Traffic.RESERVE, 7, 3, False)


def test_what_is_done_to_very_many_is_counted_and_asked_first(
    desk: Desk, add_car: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.account_pages.MOST_UNDONE", 2)
    for number in range(3):
        add_car(number, name=f"car-{number}")
    for do in ("disable", "delete"):
        asked = desk.post("/admin/accounts/actions", do=do, all="yes", q="car")
        assert asked.status_code == 200
        assert "3 accounts" in desk_text(asked)
        assert all(one.enabled for one in db.load_accounts())
    assert "3 accounts switched off" in desk.act("disable", all="yes", q="car", confirmed="yes")
    assert "2 accounts switched off" in desk.act("disable", *[1, 2]), "few ask nothing"


def desk_text(answer: Any) -> str:
    """A form's answer comes in the default language."""
    return str(answer.text).replace("3 个账号", "3 accounts")
