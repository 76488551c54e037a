from dataclasses import replace

import pytest

from core.user import User, UserRules, UserRulesError, parse_limit, parse_modes, tidy_note

USER = User(id=1, name="a", display_name="A")


def test_who_may_sign_in() -> None:
    assert USER.may_sign_in(0)
    assert not replace(USER, enabled=False).may_sign_in(0)
    assert replace(USER, expires_at=5).may_sign_in(4)
    assert not replace(USER, expires_at=5).may_sign_in(5)


def test_without_a_list_every_mode_is_his_and_with_one_only_those() -> None:
    assert UserRules().may_use_mode("heavy")
    assert UserRules().may_use_mode("")
    assert UserRules(modes=("fast",)).may_use_mode("fast")
    assert not UserRules(modes=("fast",)).may_use_mode("heavy")
    assert not UserRules(modes=("fast",)).may_use_mode("")


@pytest.mark.parametrize(
    ("text", "modes"),
    [
        ("fast, Auto,fast", ("fast", "auto")),
        ("fast expert", ("fast", "expert")),
        ("all", ()),
        ("", ()),
        ("grok-420-computer-use-sa", ("grok-420-computer-use-sa",)),
    ],
)
def test_modes_are_read(text: str, modes: tuple[str, ...]) -> None:
    assert parse_modes(text) == modes


@pytest.mark.parametrize("text", ["fast;drop", "ümlaut", "a" * 61, "-x"])
def test_what_is_no_mode_is_said(text: str) -> None:
    with pytest.raises(UserRulesError, match="is not a mode"):
        parse_modes(text)


@pytest.mark.parametrize(
    ("text", "limit"), [("50", 50), ("0", 0), ("none", None), ("", None), (" NONE ", None)]
)
def test_limits_are_read(text: str, limit: int | None) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize("text", ["-1", "many", "1e9", "9" * 4000, "٣"])
def test_what_is_no_limit_is_said(text: str) -> None:
    with pytest.raises(UserRulesError, match="not a number"):
        parse_limit(text)


def test_a_note_is_one_line() -> None:
    assert tidy_note("  the\nnew  colleague ") == "the new colleague"
    with pytest.raises(UserRulesError):
        tidy_note("a\x00b")
