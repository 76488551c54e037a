import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sso_token import MalformedTokenError, is_account_line, masked, parse_pasted, token_hash

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiYSJ9.c2lnbmF0dXJl-_9f3c"


@pytest.mark.parametrize(
    "pasted",
    [
        pytest.param(TOKEN, id="a bare token"),
        pytest.param(f"sso={TOKEN}", id="with its cookie name"),
        pytest.param(f"sso={TOKEN}; sso-rw={TOKEN}", id="both cookies"),
        pytest.param(f"sso-rw={TOKEN}", id="only the writing twin"),
        pytest.param(f"Cookie: a=b; sso={TOKEN}; c=d", id="a whole Cookie header"),
        pytest.param(f"\ufeff {TOKEN}\u200b\r\n", id="byte order mark and invisible blanks"),
        pytest.param(f'"{TOKEN}"', id="in quotes"),
        pytest.param(TOKEN.replace("-", "\u2013"), id="hyphen turned into an en dash"),
        pytest.param(f"{TOKEN};", id="cut behind the semicolon"),
    ],
)
def test_a_token_is_found(pasted: str) -> None:
    assert parse_pasted(pasted).sso_token == TOKEN


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        pytest.param("", "empty", id="nothing"),
        pytest.param("\u200b \n", "empty", id="only invisible characters"),
        pytest.param("hello", "not an SSO token", id="a word"),
        pytest.param("a=b; c=d", "without an sso cookie", id="other cookies"),
        pytest.param(f"sso={TOKEN}\x00x", "not an SSO token", id="a NUL inside"),
        pytest.param("sso=a\r\nX: y", "not an SSO token", id="a header smuggled in"),
        pytest.param("e" * 20_000, "16 KiB", id="far too long"),
    ],
)
def test_a_bad_paste_is_refused_without_repeating_it(pasted: str, reason: str) -> None:
    with pytest.raises(MalformedTokenError, match=reason) as refused:
        parse_pasted(pasted)
    assert len(pasted) < 3 or pasted not in str(refused.value)


def test_what_else_the_paste_held_is_kept_by_name() -> None:
    found = parse_pasted(
        f"sso={TOKEN}; sso-rw=other.value.12345678; cf_clearance=cf; x-userid=u-1; _ga=1"
    )
    assert found.extra_cookies == {"sso-rw": "other.value.12345678", "cf_clearance": "cf"}
    assert found.upstream_user_id == "u-1"
    assert "cf" not in repr(found)
    assert TOKEN not in repr(found)


@given(st.text())
def test_any_text_is_read_or_refused(pasted: str) -> None:
    try:
        found = parse_pasted(pasted)
    except MalformedTokenError:
        return
    assert found.sso_token.isascii()


def test_masking_shows_the_ends_only() -> None:
    assert masked(TOKEN) == "eyJhbGci…9f3c"
    assert masked("short") == "…"
    assert len(token_hash(TOKEN)) == 64


def test_blank_lines_and_comments_are_no_accounts() -> None:
    assert [is_account_line(line) for line in ("", " \ufeff", "# x", TOKEN)] == [False] * 3 + [True]
