"""The page of requests: names instead of numbers, filters in the address, reasons in words."""

import re
import time
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

import db
from core.api_key import KeyRules
from core.choice_note import ChoiceNote, Way
from core.flow_record import FlowRecord
from core.outcomes import Outcome
from tests.admin.test_account_pages import Desk
from tests.admin.test_console import HERE

RECORD = FlowRecord(
    request_id="abc123",
    ended_at=0.0,
    door="bridge",
    caller="key:1",
    mode="fast",
    outcome="ok",
    status=200,
    first_byte_ms=1234,
    total_ms=5678,
    bytes_out=2_000_000,
)


@pytest.fixture
def desk(operator: FlaskClient) -> Desk:
    return Desk(operator)


def keep(**more: Any) -> None:
    db.add_records([replace(RECORD, **{"ended_at": time.time(), **more})])


def test_nobody_else_sees_it(operator: FlaskClient) -> None:
    answer = operator.get("/admin/records", base_url=HERE)
    assert answer.headers["Location"] == "/admin/sign-in"


def test_an_empty_record_says_so(desk: Desk) -> None:
    assert "No request yet" in desk.get("/admin/records").text
    keep()
    assert "No request matches" in desk.get("/admin/records?status=5").text


def test_a_line_has_names_and_figures(desk: Desk, add_car: Any) -> None:
    number = add_car(1, name="<b>car</b>")
    key, _ = db.add_api_key("my app", KeyRules(), time.time())
    keep(caller=f"key:{key.id}", account_id=number)
    page = desk.get("/admin/records").text
    for shown in ("my app", "&lt;b&gt;car&lt;/b&gt;", "1,234", "5,678", "2.0 MB", "abc123", "OK"):
        assert shown in page
    assert "<b>car" not in page
    assert " style=" not in page


@pytest.mark.parametrize(
    ("caller", "shown"),
    [
        ("env", "AUTHORIZATION key"),
        ("sso", "own SSO token"),
        ("operator", "operator&#39;s test"),
        ("", "nobody signed in"),
        ("user:99", "deleted user #99"),
        ("key:99", "deleted key #99"),
    ],
)
def test_callers_without_a_name_are_told_apart(desk: Desk, caller: str, shown: str) -> None:
    keep(caller=caller)
    assert shown in desk.get("/admin/records").text


@pytest.mark.parametrize("outcome", [outcome.value for outcome in Outcome])
def test_every_outcome_has_words(desk: Desk, outcome: str) -> None:
    keep(outcome=outcome)
    assert 'id="r1"' in desk.get(f"/admin/records?outcome={outcome}").text


def found(page: str) -> list[str]:
    return re.findall(r"<code>(\w+)</code></dd></div>\s*<div><dt>Time", page)


def test_filters_by_name_and_pages_by_cursor(desk: Desk, add_car: Any) -> None:
    user, number = db.add_user("Carol"), add_car(1, name="blue car")
    for index in range(25):
        mine = {"caller": f"user:{user.id}", "account_id": number, "door": "browser"}
        keep(request_id=f"r{index:02d}", **(mine if index % 5 == 0 else {}))
    assert found(desk.get("/admin/records?caller=carol").text) == [
        "r20",
        "r15",
        "r10",
        "r05",
        "r00",
    ]
    assert len(found(desk.get("/admin/records?account=blue car").text)) == 5
    assert len(found(desk.get(f"/admin/records?account={number}&door=browser").text)) == 5
    assert found(desk.get("/admin/records?caller=nobody-of-this-name").text) == []
    assert found(desk.get("/admin/records?request=r07").text) == ["r07"]
    first = desk.get("/admin/records?size=20").text
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = desk.get(older.replace("&amp;", "&")).text
    assert found(first) + found(second) == [f"r{index:02d}" for index in reversed(range(25))]
    assert 'rel="prev"' in second


def test_it_refreshes_itself_only_when_asked(desk: Desk) -> None:
    assert 'http-equiv="refresh"' not in desk.get("/admin/records").text
    page = desk.get("/admin/records?live=1").text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert 'data-live="5"' in page


@pytest.mark.parametrize(
    ("note", "sentences"),
    [
        (ChoiceNote(way=Way.KEPT), ["The user&#39;s car, and it runs"]),
        (ChoiceNote(way=Way.CHOSEN), ["has chosen himself"]),
        (
            ChoiceNote(way=Way.GIVEN, left=1, left_because="signed_out"),
            ["fewest riders", "He was on one before (signed out)"],
        ),
        (ChoiceNote(way=Way.CONVERSATION, waited_ms=40), ["lives there", "waited 40 ms"]),
        (ChoiceNote(way=Way.OWN), ["SSO token of his own"]),
        (ChoiceNote(way=Way.TEST), ["The operator has tested it"]),
        (
            ChoiceNote(
                way=Way.POOL,
                strategy="most-quota",
                sticky="s1",
                candidates=(1,),
                number=3,
                skipped={"resting": 2, "quota used up": 1},
                examples=((2, "resting"),),
                avoided=(2,),
            ),
            [
                "“most quota left” among 3 candidates for fast",
                "Candidates: one, 2 more.",
                "2 skipped (resting): two, 1 more.",
                "1 skipped (quota used up): 1 more.",
                "had failed on two before",
                "calls with the key s1 go there",
            ],
        ),
        (
            ChoiceNote(way=Way.POOL, strategy="random", is_sticky=True, sticky="s1", number=1),
            ["with the same key (s1) went there"],
        ),
        (
            ChoiceNote(way=Way.POOL, strategy="random", skipped={"a word of later": 1}),
            ["no account that could be lent", "1 skipped (a word of later)"],
        ),
    ],
)
def test_why_an_account_is_told_in_words(
    desk: Desk, add_car: Any, note: ChoiceNote, sentences: list[str]
) -> None:
    add_car(1, name="one")
    add_car(2, name="two")
    keep(why=note.to_json())
    page = desk.get("/admin/records").text
    for sentence in sentences:
        assert sentence in page


def test_what_was_kept_without_a_reason_says_so(desk: Desk) -> None:
    keep(why="{broken")
    assert "Nothing was noted about it" in desk.get("/admin/records").text
