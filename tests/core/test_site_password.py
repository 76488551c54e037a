import pytest

from core.mirror_session import LIFE_SECONDS
from core.site_password import (
    is_before_the_door,
    is_site_password,
    lets_by,
    pass_text,
    site_cookie,
)

NOW = 1_000_000.0


def test_a_cookie_lets_by_for_its_password_and_its_time() -> None:
    text = pass_text("the word", NOW)
    assert "the word" not in text
    assert lets_by(text, "the word", NOW + LIFE_SECONDS - 1)
    assert not lets_by(text, "another", NOW)
    assert not lets_by(text, "the word", NOW + LIFE_SECONDS)
    assert not lets_by(text, "the word", NOW - 60)


@pytest.mark.parametrize("text", [None, "", " ", "1000000", "x " + "0" * 64, "1000000 "])
def test_what_is_no_cookie_of_ours_does_not(text: str | None) -> None:
    assert not lets_by(text, "", NOW)


@pytest.mark.parametrize(
    ("path", "shows_key", "before"),
    [
        ("/-/enter", False, True),
        ("/-/enter?next=/", False, True),
        ("/healthz", False, True),
        ("/-/static/ui.css?v=1", False, True),
        ("/api/login", True, True),
        ("/api/login", False, False),
        ("/-/sign-in", False, False),
        ("/-/link/abc", False, False),
        ("/", True, False),
        ("/-/enterprise", False, False),
    ],
)
def test_what_is_answered_without_the_password(path: str, shows_key: bool, before: bool) -> None:
    assert is_before_the_door(path, shows_key=shows_key) is before


def test_the_password_itself() -> None:
    assert is_site_password("钥匙", "钥匙")
    assert not is_site_password("", "钥匙")


def test_over_https_the_cookie_cannot_be_planted_from_elsewhere() -> None:
    assert site_cookie("https").startswith("__Host-")
    assert site_cookie("http") == "mirror_site"
