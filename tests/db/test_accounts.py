import pytest

import db
from core.account import AccountStatus
from core.egress import EgressSpec
from core.settings import Settings
from core.sso_token import parse_pasted
from db.tables import AccountRow, EgressRow

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiYSJ9.c2lnbmF0dXJl%04d"


def add(number: int = 1, **more: str) -> int:
    return db.add_account(parse_pasted(TOKEN % number), **more).id  # type: ignore[arg-type]


def test_what_goes_in_comes_out(opened: Settings) -> None:
    pasted = parse_pasted(f"sso={TOKEN % 1}; cf_clearance=cf; x-userid=u-1")
    added = db.add_account(pasted, name="first", email="a@b.c", user_agent="UA")
    db.save_jar(added.id, {"i18n": "en"})
    account = db.load_account(added.id)
    assert account is not None
    assert account.sso_token == TOKEN % 1
    assert account.extra_cookies == {"cf_clearance": "cf"}
    assert account.jar == {"i18n": "en"}
    assert (account.name, account.email, account.user_agent) == ("first", "a@b.c", "UA")
    assert account.upstream_user_id == "u-1"


def test_the_same_token_is_the_same_account(opened: Settings) -> None:
    assert db.add_account(parse_pasted(TOKEN % 1)).is_new
    before = db.revision()
    again = db.add_account(parse_pasted(f"sso={TOKEN % 1}"))
    assert not again.is_new
    assert len(db.load_accounts()) == 1
    assert db.revision() == before


def test_a_token_moved_to_another_row_does_not_open(opened: Settings) -> None:
    first, second = add(1), add(2)
    stolen = AccountRow.get_by_id(first).sso_token
    AccountRow.update(sso_token=stolen).where(AccountRow.id == second).execute()
    with pytest.raises(db.SealBrokenError, match="another row"):
        db.load_accounts()


def test_every_change_others_must_see_raises_the_revision(opened: Settings) -> None:
    account, user = add(), db.ensure_user("alice").id
    egress = db.add_egress(EgressSpec.parse("http://proxy:3128"))
    for change in (
        lambda: db.bind_egress(account, egress),
        lambda: db.cool_account(account, 5.0, "r"),
        lambda: db.mark_account(account, AccountStatus.OK),
        lambda: db.save_jar(account, {"a": "b"}),
        lambda: db.cool_egress(egress, 5.0, 1, "dead"),
        lambda: db.assign_account(user, account),
        lambda: db.set_user_enabled(user, enabled=False),
    ):
        before = db.revision()
        change()
        assert db.revision() > before


def test_use_and_unchanged_jars_do_not_raise_it(opened: Settings) -> None:
    account = add()
    db.save_jar(account, {"a": "b"})
    before = db.revision()
    db.save_jar(account, {"a": "b"})
    db.used_account(account, 5.0)
    assert db.revision() == before


def test_failures_are_counted_until_a_good_answer(opened: Settings) -> None:
    account = add()
    db.mark_account(account, AccountStatus.SIGNED_OUT, "401")
    db.mark_account(account, AccountStatus.SIGNED_OUT, "401")
    found = db.load_accounts()[0]
    assert (found.failures, found.status, found.reason) == (2, AccountStatus.SIGNED_OUT, "401")
    db.mark_account(account, AccountStatus.OK)
    assert db.load_accounts()[0].failures == 0


def test_pages(opened: Settings) -> None:
    for number in range(5):
        add(number)
    page, total = db.account_page(2, 2)
    assert [account.id for account in page] == [3, 4]
    assert total == 5


def test_the_pool_of_the_environment_is_kept_in_step(opened: Settings) -> None:
    first, second = EgressSpec.parse("http://a:1"), EgressSpec.parse("socks5h://u:p@b:2")
    db.sync_env_egresses([first, second])
    db.sync_env_egresses([first, second])
    assert [egress.spec for egress in db.load_egresses()] == [first, second]
    db.sync_env_egresses([second])
    assert [egress.enabled for egress in db.load_egresses()] == [False, True]
    db.sync_env_egresses([])
    assert [egress.enabled for egress in db.load_egresses()] == [False, False]
    db.sync_env_egresses([first])
    assert [egress.enabled for egress in db.load_egresses()] == [True, False]


def test_an_operators_egress_outlives_the_environment(opened: Settings) -> None:
    spec = EgressSpec.parse("http://a:1")
    db.add_egress(spec)
    db.sync_env_egresses([spec])
    db.sync_env_egresses([])
    assert db.load_egresses()[0].enabled


def test_no_password_of_an_egress_is_stored_in_clear(opened: Settings) -> None:
    db.add_egress(EgressSpec.parse("http://user:PASSWORD@a:1"))
    row = EgressRow.get()
    assert "PASSWORD" not in row.url + row.label + row.url_hash


def test_ids_are_never_given_out_twice(opened: Settings) -> None:
    first = add(1)
    AccountRow.delete().execute()
    assert add(2) > first


def test_the_tiers_on_offer_are_those_of_accounts_that_may_be_lent(opened: Settings) -> None:
    assert db.tiers_on_offer() == frozenset()
    ids = {
        name: add(number)
        for number, name in enumerate(
            ["super", "heavy", "off", "dead", "private", "web", "draining", "gone"]
        )
    }
    alice = db.ensure_user("alice").id
    changes: dict[str, dict[str, object]] = {
        "super": {}, "heavy": {"traffic": "reserve"}, "off": {"enabled": False},
        "dead": {"status": "signed_out"}, "private": {"private_to": alice},
        "web": {"traffic": "web"}, "draining": {"draining": True}, "gone": {"deleted_at": 1.0},
    }  # fmt: skip
    for name, change in changes.items():
        AccountRow.update(tier=name, **change).where(AccountRow.id == ids[name]).execute()
    assert db.tiers_on_offer() == {"super", "heavy"}
