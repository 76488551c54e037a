import pytest

from core.account import Account
from core.cookies import (
    absorb,
    browser_line,
    parse_cookie_header,
    parse_set_cookie,
    secrets_of,
    upstream_cookies,
)

PASSING = frozenset({"theme"})
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiMSJ9.c2ln"


def account(**more):
    return Account(id=1, name="a", sso_token=TOKEN, **more)


def test_upstream_gets_both_sso_cookies_and_the_jar():
    lent = account(
        jar={"__cf_bm": "fresh"},
        extra_cookies={"cf_clearance": "given", "__cf_bm": "stale"},
        upstream_user_id="u-1",
    )
    header = upstream_cookies(lent, [("theme", "dark")], PASSING)
    assert header == (
        f"sso={TOKEN}; sso-rw={TOKEN}; theme=dark; cf_clearance=given; __cf_bm=fresh; x-userid=u-1"
    )


@pytest.mark.parametrize("name", ["sso", "sso-rw", "cf_clearance", "mirror_session", "x-userid"])
def test_what_the_browser_sends_does_not_reach_upstream(name):
    header = upstream_cookies(account(), [(name, "planted")], PASSING)
    assert "planted" not in header


@pytest.mark.parametrize("value", ["a\r\nx: y", "a;b", "a\x00", "é"])
def test_a_value_that_would_break_the_header_is_left_out(value):
    assert "evil" not in upstream_cookies(account(extra_cookies={"evil": value}), [], PASSING)


def test_set_cookie_lines_go_to_the_jar_and_only_listed_ones_to_the_browser():
    absorbed = absorb(
        {"old": "1", "gone": "1"},
        [
            "__cf_bm=new; Domain=.grok.com; Path=/; HttpOnly; Secure; SameSite=None",
            "theme=dark; Domain=grok.com; Path=/; Secure; SameSite=None",
            "gone=; Max-Age=0",
            "sso=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "broken",
        ],
        PASSING,
    )
    assert absorbed.jar == {"old": "1", "__cf_bm": "new"}
    assert [browser_line(c, secure=False) for c in absorbed.for_browser] == ["theme=dark; Path=/"]
    assert browser_line(absorbed.for_browser[0], secure=True) == (
        "theme=dark; Path=/; SameSite=None; Secure"
    )


def test_a_rotated_sso_token_is_kept_and_sent():
    absorbed = absorb({}, ["sso=rotated-token; Domain=.grok.com"], PASSING)
    assert upstream_cookies(account(jar=absorbed.jar), [], PASSING).startswith(
        "sso=rotated-token; sso-rw=rotated-token"
    )


def test_secrets_are_all_values_sent_but_the_user_id():
    found = secrets_of(
        account(
            jar={"__cf_bm": "longenough", "x-userid": "11111111-2222"}, extra_cookies={"a": "1"}
        )
    )
    assert found == {TOKEN.encode(), b"longenough"}


def test_malformed_pairs_are_dropped():
    assert parse_cookie_header("a=1; b; =c; d e=f; g=h=i") == [("a", "1"), ("g", "h=i")]


@pytest.mark.parametrize("line", ["", "novalue", "=x", "a b=c"])
def test_a_line_no_browser_takes_is_none(line):
    assert parse_set_cookie(line) is None
