"""The console's accounts and overview: what is shown, what a click does, what never comes out."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

import db
from core.account_list import AccountState
from core.account_trial import Trial, Verdict
from tests.admin.conftest import TOKEN
from tests.admin.test_console import HERE, OWN, sign_in


class Desk:
    """An operator who is signed in."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        sign_in(client)

    def get(self, path: str) -> Any:
        return self._client.get(path, base_url=HERE, headers={"Accept-Language": "en"})

    def post(self, path: str, **form: Any) -> Any:
        return self._client.post(path, base_url=HERE, data=form, headers=OWN)

    def act(self, do: str, *ids: int, **form: Any) -> str:
        """Do it and read the next page."""
        chosen = {"id": list(map(str, ids))} if ids else {}
        response = self.post("/admin/accounts/actions", do=do, **chosen, **form)
        assert response.status_code == 303, response.text
        return str(self.get(response.headers["Location"]).text)


@pytest.fixture
def desk(operator: FlaskClient) -> Desk:
    return Desk(operator)


def test_nobody_else_sees_or_does_anything(operator: FlaskClient, add_car: Any) -> None:
    number = add_car()
    for path in ("/admin/accounts", f"/admin/accounts/{number}"):
        assert operator.get(path, base_url=HERE).headers["Location"] == "/admin/sign-in"
    form = {"do": "delete", "id": str(number)}
    posted = operator.post("/admin/accounts/actions", base_url=HERE, data=form, headers=OWN)
    assert posted.headers["Location"] == "/admin/sign-in"
    assert db.load_account(number)


def test_a_foreign_page_cannot_click(desk: Desk, operator: FlaskClient, add_car: Any) -> None:
    number = add_car()
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}):
        form = {"do": "delete", "id": str(number)}
        url = "/admin/accounts/actions"
        assert operator.post(url, base_url=HERE, data=form, headers=headers).status_code == 403
    assert db.load_account(number)


def test_the_list_masks_and_escapes(desk: Desk, add_car: Any) -> None:
    add_car(1, name="<script>alert(1)</script>", email="mailbox@example.com")
    page = desk.get("/admin/accounts").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "ma••••x@example.com" in page
    assert TOKEN % 1 not in page


def test_chips_count_and_filter(desk: Desk, add_car: Any) -> None:
    add_car(1, name="first")
    db.change_accounts([add_car(2, name="second")], enabled=False)
    page = desk.get("/admin/accounts?state=disabled").text
    assert "second" in page
    assert ">first<" not in page
    assert re.search(r'aria-current="true">Switched off <span class="num">1<', page)


def test_an_empty_pool_and_an_empty_search_say_what_to_do(desk: Desk, add_car: Any) -> None:
    assert "No account yet" in desk.get("/admin/accounts").text
    add_car()
    assert "No account matches" in desk.get("/admin/accounts?q=zebra").text


def test_deleting_can_be_undone_from_the_message(desk: Desk, add_car: Any) -> None:
    number = add_car()
    page = desk.act("delete", number)
    assert "1 accounts deleted" in page
    assert f'name="id" value="{number}"><button class="btn sm" name="do" value="restore"' in page
    assert db.load_account(number) is None
    assert "deleted" not in desk.get("/admin/accounts").text.split("</header>")[1][:400]
    assert "restored" in desk.act("restore", number)
    assert db.load_account(number)


def test_only_what_cannot_be_undone_asks(desk: Desk, add_car: Any) -> None:
    number = add_car(1, name="old one")
    desk.act("delete", number)
    asked = desk.post("/admin/accounts/actions", do="purge", id=number)
    assert asked.status_code == 200
    assert "old one" in asked.text
    assert db.load_deleted_account(number)
    assert "removed for good" in desk.act("purge", number, confirmed="yes")
    assert db.load_deleted_account(number) is None


@pytest.mark.parametrize(
    ("do", "state"),
    [
        ("disable", AccountState.DISABLED),
        ("pause", AccountState.COOLING),
        ("enable", AccountState.USABLE),
        ("clear_cooling", AccountState.USABLE),
    ],
)
def test_actions_on_a_selection(
    desk: Desk, add_car: Callable[..., int], do: str, state: AccountState
) -> None:
    ids = [add_car(number) for number in (1, 2, 3)]
    assert "2 accounts" in desk.act(do, *ids[:2], hours="5")
    counts = db.count_account_states(1.0)
    assert counts[state] >= 2
    assert sum(counts.values()) == 3


def test_all_that_match_are_meant_by_the_query(desk: Desk, add_car: Any) -> None:
    for number in range(30):
        add_car(number, name=f"car-{number}")
    desk.act("disable", all="yes", q="car-1")
    assert sum(not account.enabled for account in db.load_accounts()) == 11


def test_no_selection_is_said(desk: Desk) -> None:
    assert "Select an account first" in desk.act("disable")
    assert desk.post("/admin/accounts/actions", do="format-disk").status_code == 400


def test_a_message_is_seen_once(desk: Desk, add_car: Any) -> None:
    assert "switched off" in desk.act("disable", add_car())
    assert "accounts switched off." not in desk.get("/admin/accounts").text


def test_a_test_without_the_proxy_says_so(desk: Desk, add_car: Any) -> None:
    page = desk.act("test", add_car())
    assert "The proxy does not answer" in page
    assert "Make sure that the mirror is running" in page


def test_a_test_of_many_says_who_is_how(
    desk: Desk, add_car: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [add_car(1, name="good"), add_car(2, name="bad")]
    found = {ids[0]: Trial(verdict=Verdict.OK), ids[1]: Trial(verdict=Verdict.SIGNED_OUT)}
    monkeypatch.setattr("admin.grok_calls.GrokCalls.try_accounts", lambda _, chosen: found)
    page = desk.act("test", *ids)
    assert "2 tested, 1 of them well" in page
    assert '<b>bad</b> <span class="mut">Signed out</span>' in page


def test_editing_keeps_cookies_that_are_not_typed_again(desk: Desk, add_car: Any) -> None:
    number, user = add_car(), db.add_user("carol")
    path = f"/admin/accounts/{number}"
    said = {"name": "  new   name ", "remark": "r", "user_agent": "UA/1", "private_to": user.id}
    assert desk.post(path, **said, cookies="cf_clearance=sEcReT1; sso=no").status_code == 303
    desk.post(path, **said, cookies="")
    account = db.load_account(number)
    assert account
    assert (account.name, account.user_agent, account.private_to) == ("new name", "UA/1", user.id)
    assert dict(account.extra_cookies) == {"cf_clearance": "sEcReT1"}
    page = desk.get(path).text
    assert "Set: cf_clearance" in page
    assert "sEcReT1" not in page
    desk.post(path, name="new name", forget_cookies="yes")
    account = db.load_account(number)
    assert account
    assert (dict(account.extra_cookies), account.user_agent, account.private_to) == ({}, None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"user_agent": "café"},
        {"cookies": "no equals sign"},
        {"egress": "99"},
        {"private_to": "x"},
    ],
)
def test_a_form_that_is_wrong_changes_nothing(desk: Desk, add_car: Any, wrong: Any) -> None:
    number = add_car(1, name="kept")
    answer = desk.post(f"/admin/accounts/{number}", **{"name": "changed", **wrong})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    account = db.load_account(number)
    assert account
    assert account.name == "kept"
    assert desk.get("/admin/accounts/999").status_code == 404


def test_the_overview_leads_a_beginner_and_then_leaves_him(desk: Desk, add_car: Any) -> None:
    page = desk.get("/admin").text
    assert "Four steps" in page
    assert "nobody can use the mirror" in page
    number = add_car()
    db.add_user("dora")
    db.account_tested(number, "ok", learnt={})
    db.used_account(number, 5.0)
    page = desk.get("/admin").text
    assert "Four steps" not in page
    assert "All is well" in page
    db.change_accounts([number], status="signed_out")
    assert "1 accounts are dead" in desk.get("/admin").text
