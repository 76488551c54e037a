"""The estimate: near enough, and the same at any cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_bridge.tokens import TokenCounter, count_tokens
from tests.api_bridge.recordings import cut


@given(st.text(max_size=80), st.lists(st.integers(0, 80), max_size=6))
def test_cuts_do_not_change_the_sum(text: str, places: list[int]) -> None:
    counter = TokenCounter()
    for piece in cut(text, places):
        counter.feed(piece)
    assert counter.count == count_tokens(text)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        ("The quick brown fox jumps over the lazy dog.", 8, 12),
        ("def add(a, b):\n    return a + b\n", 9, 15),
        ("今天天气很好，我们去公园散步吧。", 9, 13),
        ("Быстрая коричневая лиса прыгает", 8, 13),
        ("👋🎉", 3, 5),
        ("a" * 100_000, 16_000, 17_000),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_the_estimate_is_near(text: str, least: int, most: int) -> None:
    assert least <= count_tokens(text) <= most


def test_a_prefix_that_fits_is_found() -> None:
    text = "one two three four five six seven"
    end = TokenCounter().longest_prefix(text, 3)
    assert count_tokens(text[:end]) <= 3 < count_tokens(text[: end + 2])


def test_nothing_counts_as_the_number_nought() -> None:
    assert repr(count_tokens("")) == "0"


def test_a_very_long_text_is_sampled_and_about_right() -> None:
    text = "The quick brown fox jumps over the lazy dog. 你好，世界。\n" * 40_000
    counter = TokenCounter()
    counter.feed(text)
    assert count_tokens(text) == pytest.approx(counter.count, rel=0.02)
    parts = [text[at : at + 4000] for at in range(0, len(text), 4000)]
    assert count_tokens(*parts) == pytest.approx(counter.count, rel=0.02)
