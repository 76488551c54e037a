"""The console's API keys: shown once, limited, switched off, renewed; mistakes change nothing."""

import re
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

import db
from core.api_key import KeyRules
from tests.admin.test_account_pages import Desk
from tests.admin.test_console import HERE, OWN

FIELDS = {
    "name": " my  app ",
    "models": "grok-4*, grok-latest",
    "per_minute": "30",
    "concurrency": "2",
    "day_limit": "500",
    "month_limit": "",
    "expires": "30d",
    "networks": "192.0.2.7, 10.0.0.0/8",
}


@pytest.fixture
def desk(operator: FlaskClient) -> Desk:
    return Desk(operator)


def make(desk: Desk, **more: Any) -> tuple[int, str]:
    """A key made in the browser; its number, and the page that shows it."""
    answer = desk.post("/admin/keys", **{**FIELDS, **more})
    assert answer.status_code == 303, answer.text
    where = answer.headers["Location"]
    return int(where.rpartition("/")[2]), desk.get(where).text


def test_nobody_else_sees_or_makes_keys(operator: FlaskClient) -> None:
    assert operator.get("/admin/keys", base_url=HERE).headers["Location"] == "/admin/sign-in"
    posted = operator.post("/admin/keys", base_url=HERE, data=FIELDS, headers=OWN)
    assert posted.headers["Location"] == "/admin/sign-in"
    assert db.load_api_keys() == []


def test_a_key_is_shown_once_with_all_that_helps_to_use_it(desk: Desk) -> None:
    number, page = make(desk)
    (secret,) = set(re.findall(r'value="(gm_[\w-]{43})"', page))
    key = db.find_api_key(secret)
    assert key
    assert (key.id, key.name) == (number, "my app")
    assert page.count(secret) >= 6
    for shown in ("curl -N http://127.0.0.1:8080/v1/chat", "from openai", "cherrystudio://"):
        assert shown in page
    later = desk.get(f"/admin/keys/{number}").text
    assert secret not in later + desk.get("/admin/keys").text
    assert key.prefix in later


def test_the_form_says_what_the_rules_are_and_keeps_what_is_not_touched(desk: Desk) -> None:
    number, _ = make(desk)
    before = db.load_api_key(number)
    assert before
    rules = before.rules
    assert (rules.models, rules.per_minute, rules.concurrency) == (
        ("grok-4*", "grok-latest"),
        30,
        2,
    )
    assert (rules.day_limit, rules.month_limit) == (500, None)
    assert list(map(str, rules.networks)) == ["192.0.2.7/32", "10.0.0.0/8"]
    page = desk.get(f"/admin/keys/{number}").text
    fields = dict(re.findall(r'<input name="(\w+)" value="([^"]*)"', page))
    assert fields["networks"] == "192.0.2.7, 10.0.0.0/8"
    desk.post(f"/admin/keys/{number}", do="save", **{**fields, "month_limit": "9000"})
    after = db.load_api_key(number)
    assert after
    assert after.rules.month_limit == 9000
    assert after.rules.expires_at == rules.expires_at, "the hour of its end has stayed"
    assert after.prefix == before.prefix


def test_it_may_belong_to_a_user_and_to_pools(desk: Desk) -> None:
    user, pool = db.add_user("dora"), db.add_pool("fast ones")
    number, _ = make(desk, user=str(user.id), pool=str(pool.id))
    key = db.load_api_key(number)
    assert key
    assert (key.user_id, key.rules.pools) == (user.id, {pool.id})
    assert "dora" in desk.get("/admin/keys").text
    desk.post(f"/admin/keys/{number}", do="save", **FIELDS)
    key = db.load_api_key(number)
    assert key
    assert (key.user_id, key.rules.pools) == (None, frozenset())


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "taken"},
        {"models": "Grok 4!"},
        {"per_minute": "many"},
        {"day_limit": "-1"},
        {"month_limit": "9" * 12},
        {"expires": "tomorrow"},
        {"expires": "2001-01-01"},
        {"networks": "everywhere"},
        {"user": "99"},
        {"pool": "99"},
    ],
)
def test_a_form_that_is_wrong_changes_nothing(desk: Desk, wrong: dict[str, str]) -> None:
    db.add_api_key("taken", KeyRules(), time.time())
    number, _ = make(desk)
    for path, do in (("/admin/keys", ""), (f"/admin/keys/{number}", "save")):
        named = {} if do else {"name": "another"}
        answer = desk.post(path, do=do, **{**FIELDS, **named, **wrong})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
    assert [key.name for key in db.load_api_keys()] == ["taken", "my app"]
    kept = db.load_api_key(number)
    assert kept
    assert kept.rules.per_minute == 30


def test_switching_off_and_on_asks_nothing(desk: Desk) -> None:
    number, _ = make(desk)
    for do, enabled in (("disable", False), ("enable", True)):
        assert desk.post(f"/admin/keys/{number}", do=do).status_code == 303
        key = db.load_api_key(number)
        assert key
        assert key.enabled is enabled


def test_renewing_and_deleting_ask_first(desk: Desk) -> None:
    number, page = make(desk)
    (old,) = set(re.findall(r'value="(gm_[\w-]{43})"', page))
    path = f"/admin/keys/{number}"
    for do in ("rotate", "delete"):
        assert "my app" in desk.post(path, do=do).text
    assert db.find_api_key(old)
    desk.post(path, do="rotate", confirmed="yes")
    (new,) = set(re.findall(r'value="(gm_[\w-]{43})"', desk.get(path).text))
    assert db.find_api_key(old) is None
    found = db.find_api_key(new)
    assert found
    assert found.rules.per_minute == 30
    desk.post(path, do="delete", confirmed="yes")
    assert db.load_api_keys() == []
    assert desk.get(path).status_code == 404


def test_the_list_tells_state_limits_and_use(desk: Desk) -> None:
    now = time.time()
    key, _ = db.add_api_key("busy", KeyRules(day_limit=9, per_minute=3), now)
    over, _ = db.add_api_key("over", KeyRules(expires_at=now - 1), now)
    for _ in range(4):
        db.count_api_call(key, now)
    page = desk.get("/admin/keys").text
    assert "3 a minute · 9 a day" in page
    assert re.search(r"</span>4</td>\s*<td[^>]*>.*?</span>4</td>", page)
    assert "Expired" in page
    assert db.api_keys_usage(now) == {key.id: db.api_key_usage(key.id, now)}
    assert desk.post(f"/admin/keys/{over.id}", do="paint").status_code == 400
