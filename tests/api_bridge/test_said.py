"""What is missing of a text of which pieces were said."""

from hypothesis import given
from hypothesis import strategies as st

from api_bridge.said import Said

texts = st.text(st.characters(exclude_categories=["Cs"]))


def said(*pieces: str) -> Said:
    found = Said()
    for piece in pieces:
        found.feed(piece)
    return found


@given(st.lists(texts), texts)
def test_what_follows_is_missing(pieces: list[str], rest: str) -> None:
    assert said(*pieces).rest_of("".join(pieces) + rest) == rest


@given(st.lists(texts), texts)
def test_another_text_misses_nothing(pieces: list[str], whole: str) -> None:
    expected = whole.removeprefix("".join(pieces)) if whole.startswith("".join(pieces)) else ""
    assert said(*pieces).rest_of(whole) == expected


@given(st.lists(texts))
def test_white_space_is_no_word(pieces: list[str]) -> None:
    assert said(*pieces).has_words == bool("".join(pieces).strip())
