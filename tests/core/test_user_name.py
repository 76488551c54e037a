import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.user_name import UserNameError, normal_form, shown_form


@pytest.mark.parametrize("typed", ["Alice", " alice ", "ALICE", "ａlice", "Ａｌｉｃｅ"])
def test_spellings_of_one_name_are_one_user(typed: str) -> None:
    assert normal_form(typed) == "alice"


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="empty"),
        pytest.param("  ", id="blank"),
        pytest.param("a b", id="a blank inside"),
        pytest.param("ali\u200bce", id="a zero-width space inside"),
        pytest.param("a\x00b", id="a NUL inside"),
        pytest.param("a" * 65, id="65 characters"),
        pytest.param("a" * 10_000_000, id="ten megabytes"),
        pytest.param("\ufdfa" * 200, id="characters that grow when normalised"),
        pytest.param("a/b", id="a slash"),
        pytest.param("a\nb", id="a line break"),
        pytest.param("\udcff", id="a lone surrogate"),
    ],
)
def test_a_bad_name_is_refused_in_both_languages(typed: str) -> None:
    with pytest.raises(UserNameError, match=r"用户名.*user name"):
        normal_form(typed)


@pytest.mark.parametrize("typed", ["小明", "bob@example.com", "a.b_c-d", "ß"])
def test_good_names_pass(typed: str) -> None:
    assert normal_form(typed)


@given(st.text(max_size=80))
def test_the_normal_form_is_its_own_normal_form(typed: str) -> None:
    try:
        normal = normal_form(typed)
    except UserNameError:
        return
    assert normal_form(normal) == normal


def test_what_is_shown_keeps_the_letters_case() -> None:
    assert shown_form(" Ａlice ") == "Alice"
