"""The spellings of `:` and `/`, and what may stand left of a URL."""

import pytest

from core.url_styles import CONTEXT, HEAD, HEAD_BEGINS, HEADS, STYLES, Style, may_begin


def test_no_two_styles_share_a_slash():
    assert len({style.slash for style in STYLES}) == len(STYLES)


def test_spelling():
    percent = Style("%3A", "%2F", "percent")
    assert percent.spell("http://[::1]:80/") == b"http%3A%2F%2F%5B%3A%3A1%5D%3A80%2F"
    assert Style(":", r"\/").spell("a:1/b") == rb"a:1\/b"


@pytest.mark.parametrize("head", sorted(HEADS))
def test_every_head_is_recognised_and_so_is_its_beginning(head):
    assert HEAD.fullmatch(head)
    for size in range(1, len(head) + 1):
        assert HEAD_BEGINS.match(head[:size])


@pytest.mark.parametrize(
    "before",
    ["", " ", '"', "(", ":", "/", r"\n", r"\u0022", r"\x22", "%22", "%3A", "=", "é", "\n"],
)
def test_a_scheme_may_begin_behind(before):
    text = before.encode() + b"https://"
    assert may_begin(text, len(text) - 8)


@pytest.mark.parametrize("before", ["x", "7", "+", ".", "-", r"\u0041", "%41", r"\x2d"])
def test_a_scheme_may_not_begin_behind(before):
    text = before.encode() + b"https://"
    assert not may_begin(text, len(text) - 8)


@pytest.mark.parametrize(
    ("before", "may"), [("", 1), ('"', 1), ("(", 1), (":", 0), ("a", 0), ("/", 0)]
)
def test_where_a_url_without_scheme_may_begin(before, may):
    assert may_begin(before.encode() + b"//", len(before)) == bool(may)


def test_the_context_is_as_long_as_the_longest_look_to_the_left():
    for before in (rb"\u0022", b"%22", b"x"):
        text = b"-" * 20 + before + b"https"
        near = text[-CONTEXT - 5 :]
        assert may_begin(text, len(text) - 5) == may_begin(near, CONTEXT)
