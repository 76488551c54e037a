"""The page of one user, the pools and the invitations, as the operator clicks."""

import html
import re
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

import db
from core.api_key import KeyRules
from core.settings import Settings
from core.user import User, UserRules
from tests.admin.conftest import PASSWORD

OWN = {"Origin": "http://localhost"}


@pytest.fixture
def console(operator: FlaskClient) -> FlaskClient:
    operator.post("/admin/sign-in", data={"password": PASSWORD}, headers=OWN)
    return operator


def click(console: FlaskClient, path: str, **form: object):
    return console.post(path, data=form, headers=OWN)


def page(console: FlaskClient, path: str) -> str:
    answer = console.get(path)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def secret(text: str) -> str:
    found = re.search(r'class="secret" readonly value="([^"]+)"', text)
    assert found
    return found[1]


def test_what_a_user_may_have_is_filled_in_and_shown(console: FlaskClient, alice: User) -> None:
    pool = db.add_pool("vip")
    path = f"/admin/users/{alice.id}"
    answer = click(
        console, path, do="save", one="yes", note="new", expires="2099-01-31", day_limit="50",
        month_limit="", mode=["fast", "auto"], pool=[str(pool.id)],
    )  # fmt: skip
    assert answer.headers["Location"] == path
    user = db.load_user(alice.id)
    assert user
    assert user.rules == UserRules(modes=("fast", "auto"), day_limit=50, pools=frozenset({pool.id}))
    shown = page(console, path)
    assert "0 / 50" in shown
    assert 'value="2099-01-31"' in shown
    assert len(re.findall(r"checked", shown)) == 3


def test_an_end_that_is_not_touched_stays_to_the_second(console: FlaskClient, alice: User) -> None:
    end = time.time() - 100.5
    db.change_user(alice.id, note="", expires_at=end, rules=UserRules())
    shown = page(console, f"/admin/users/{alice.id}")
    field = re.search(r'name="expires" value="([^"]*)"', shown)
    assert field
    click(console, f"/admin/users/{alice.id}", do="save", expires=field[1], note="x")
    assert db.load_user(alice.id).expires_at == end
    click(console, f"/admin/users/{alice.id}", do="save", expires="", note="x")
    assert db.load_user(alice.id).expires_at is None


@pytest.mark.parametrize("form", [{"day_limit": "many"}, {"expires": "soon"}, {"mode": "a;b"}])
def test_what_makes_no_sense_is_said_and_not_kept(
    console: FlaskClient, alice: User, form: dict[str, str]
) -> None:
    answer = click(console, f"/admin/users/{alice.id}", do="save", one="yes", **form)
    assert answer.status_code == 400
    assert "is not a" in html.unescape(answer.text)
    assert db.load_user(alice.id) == alice


def test_a_link_has_the_life_and_the_uses_one_chooses(console: FlaskClient, alice: User) -> None:
    path = f"/admin/users/{alice.id}"
    click(console, path, do="link", one="yes", seconds="604800", uses="5")
    link = secret(page(console, path)).rpartition("/")[2]
    now = time.time() + 6 * 86_400
    for _ in range(5):
        assert db.use_link(link, now)
    assert db.use_link(link, now) is None
    click(console, path, do="link", one="yes", seconds="99999999999", uses="7")
    odd = secret(page(console, path)).rpartition("/")[2]
    assert db.find_link(odd, time.time() + 86_500) is None, "only what is offered can be chosen"
    click(console, path, do="link", one="yes", uses="25")
    void = secret(page(console, path)).rpartition("/")[2]
    click(console, path, do="forget_links", one="yes")
    assert db.find_link(void, time.time()) is None


def test_keys_of_a_user_are_listed(console: FlaskClient, alice: User) -> None:
    key, _ = db.add_api_key("hers", KeyRules(), time.time(), user_id=alice.id)
    db.add_api_key("not hers", KeyRules(), time.time())
    shown = page(console, f"/admin/users/{alice.id}")
    assert f"/admin/keys/{key.id}" in shown
    assert "not hers" not in shown


def test_deleting_a_user_says_what_goes_and_asks(
    console: FlaskClient, alice: User, add_car: Callable[..., int]
) -> None:
    add_car(1, name="hers", private_to=alice.id)
    path = f"/admin/users/{alice.id}"
    asked = click(console, path, do="delete", one="yes")
    assert asked.status_code == 200
    assert "hers" in asked.text
    assert db.load_user(alice.id)
    answer = click(console, path, do="delete", confirmed="yes")
    assert answer.headers["Location"] == "/admin/users"
    assert db.load_user(alice.id) is None
    assert console.get(path).status_code == 404


def test_pools_are_made_filled_shown_and_handed_over(
    console: FlaskClient, alice: User, add_car: Callable[..., int]
) -> None:
    click(console, "/admin/pools", name="vip", note="the good ones")
    assert click(console, "/admin/pools", name="VIP").status_code == 400
    assert click(console, "/admin/pools", name="a,b").status_code == 400
    (pool,) = db.load_pools()
    gold, other = add_car(1, name="gold"), add_car(2, name="other")
    click(console, "/admin/accounts/actions", do="put", into=pool.id, id=[gold, other])
    click(console, "/admin/accounts/actions", do="take", into=pool.id, id=[other])
    click(console, "/admin/accounts/actions", do="put", into="999", id=[other])
    assert db.pool_members() == {pool.id: frozenset({gold})}
    listed = page(console, f"/admin/accounts?pool={pool.id}")
    assert "gold" in listed
    assert "other" not in listed
    assert "vip" in page(console, f"/admin/accounts/{gold}")
    rules = UserRules(pools=frozenset({pool.id}))
    db.change_user(alice.id, note="", expires_at=None, rules=rules)
    assert "Alice" in page(console, "/admin/pools")
    path = f"/admin/pools/{pool.id}"
    assert click(console, path, do="delete").status_code == 400
    click(console, path, do="save", name="gold only", note="")
    click(console, "/admin/pools", name="rest")
    heir = db.find_pool("rest").id
    click(console, path, do="delete", heir=heir)
    assert db.load_user(alice.id).rules.pools == {heir}
    assert click(console, path, do="delete").status_code == 404


def test_tags_are_written_shown_and_searched(
    console: FlaskClient, add_car: Callable[..., int]
) -> None:
    gold = add_car(1, name="one")
    add_car(2, name="two")
    click(console, f"/admin/accounts/{gold}", name="one", tags=" eu  gold eu ")
    assert db.load_account(gold).tags == ("eu", "gold")
    assert "gold" in page(console, f"/admin/accounts/{gold}")
    found = page(console, "/admin/accounts?q=gold")
    assert f"/admin/accounts/{gold}" in found
    assert ">two<" not in found


def test_an_invitation_is_made_shown_once_and_voided(
    console: FlaskClient, settings: Settings
) -> None:
    pool = db.add_pool("vip")
    click(
        console, "/admin/invites", lasts="2d", uses="5", stay="30d", note="team", day_limit="9",
        mode=["fast"], pool=[str(pool.id)],
    )  # fmt: skip
    shown = page(console, "/admin/invites")
    code = secret(shown).partition("code=")[2]
    found = db.find_invite(code, time.time())
    assert found
    assert (found.uses_left, found.user_seconds) == (5, 30 * 86_400)
    assert found.rules == UserRules(modes=("fast",), day_limit=9, pools=frozenset({pool.id}))
    assert "vip" in shown
    assert code not in page(console, "/admin/invites")
    for form in ({"lasts": "soon"}, {"uses": "0"}, {"stay": "x"}, {"day_limit": "x"}):
        bad = {"lasts": "2d", "uses": "1", **form}
        assert click(console, "/admin/invites", **bad).status_code == 400
    click(console, f"/admin/invites/{found.id}/end")
    assert db.find_invite(code, time.time()) is None
    assert click(console, f"/admin/invites/{found.id}/end").status_code == 404
