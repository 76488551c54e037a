"""Grok's markup in streamed text: every cut, look-alikes, and how little is held back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_bridge import markup
from api_bridge.events import Citation, Failed, FailureKind, Finished, Text, Thinking
from api_bridge.markup import MarkupFilter, without_markup
from tests.api_bridge.recordings import answer, cut, events, thoughts

CITE = (
    '<grok:render card_id="c1" card_type="citation_card" type="render_inline_citation">'
    '<argument name="citation_id">0</argument></grok:render>'
)
TOOL = "<xai:tool_usage_card><xai:tool_name>web</xai:tool_name></xai:tool_usage_card>"

CASES: dict[str, tuple[str, list[str | Citation]]] = {
    "no markup at all": ("a < b > c", ["a < b > c"]),
    "a citation in a sentence": (f"At 14:10{CITE}.", ["At 14:10", Citation("", "0", "c1"), "."]),
    "two citations in a row": (CITE * 2, [Citation("", "0", "c1")] * 2),
    "a tool card": (f"a{TOOL}b", ["ab"]),
    "a card that is no citation": (
        '<grok:render card_id="i" card_type="image_card" type="render_generated_image">'
        "</grok:render>x",
        ["x"],
    ),
    "an element that closes itself": ('a<grok:render card_id="c2" type="citation"/>b', ["a", Citation("", "", "c2"), "b"]),  # noqa: E501
    "a tag of another name": ("<grok render> <grok: x> <xai:1>", ["<grok render> <grok: x> <xai:1>"]),  # noqa: E501
    "a start at the very end": ("so <grok:rend", ["so <grok:rend"]),
    "a start inside of a start": (f"<grok<xai:{CITE}", ["<grok<xai:", Citation("", "0", "c1")]),
    "a name that another start ends": ("<grok:a<grok:/>", ["<grok:a<grok:/>"]),
    "markup of HTML": ("<b>bold</b><g", ["<b>bold</b><g"]),
}  # fmt: skip


def run(pieces: list[str]) -> list[str | Citation]:
    """What comes out, neighbouring texts joined."""
    stage = MarkupFilter()
    parts = [part for piece in pieces for part in stage.feed(piece)] + stage.flush()
    joined: list[str | Citation] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


@pytest.mark.parametrize(("text", "parts"), CASES.values(), ids=CASES)
def test_text_becomes(text: str, parts: list[str | Citation]) -> None:
    assert run([text]) == parts
    assert run(list(text)) == parts
    for place in range(len(text)):
        assert run(cut(text, [place])) == parts, place


pieces = st.sampled_from(
    [CITE, TOOL, "<grok:", "<xai:", "<", ">", "/>", "</grok:render>", "a", " "]
)


@given(st.lists(pieces, max_size=8).map("".join), st.lists(st.integers(0, 400), max_size=6))
def test_no_cut_changes_anything(text: str, places: list[int]) -> None:
    assert run(cut(text, places)) == run([text]) == run(list(text))


@given(st.text(alphabet="ab<>/:grokxi ", max_size=60))
def test_text_without_a_whole_element_passes_unchanged(text: str) -> None:
    if "<grok:" not in text and "<xai:" not in text:
        assert "".join(map(str, run(list(text)))) == text


@pytest.mark.parametrize(
    ("text", "out"),
    [("Hello", "Hello"), ("a < ", "a < "), ("a <", "a "), ("a <gro", "a "), ("a <grow", "a <grow")],
)
def test_only_what_may_become_markup_is_held(text: str, out: str) -> None:
    assert "".join(map(str, MarkupFilter().feed(text))) == out


def test_a_tag_without_end_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "LONGEST_ELEMENT", 50)
    text = "<grok:render " + "x" * 60
    stage = MarkupFilter()
    assert "".join(str(p) for char in text for p in stage.feed(char)) == text


def test_an_answer_is_cleaned_and_its_thoughts_too() -> None:
    found = events("markup_split_over_tokens.ndjson")
    assert answer(found) == "At 14:10 ."
    assert thoughts(found) == "Found it."
    assert Citation("", "0", "c1") in found


def test_what_is_held_comes_before_the_end() -> None:
    assert list(without_markup([Text("a <"), Finished()])) == [Text("a "), Text("<"), Finished()]


def test_thoughts_between_the_halves_of_a_tag_do_no_harm() -> None:
    half = len(CITE) // 2
    found = list(without_markup([Text(CITE[:half]), Thinking("hm"), Text(CITE[half:]), Finished()]))
    assert found == [Thinking("hm"), Citation("", "0", "c1"), Finished()]


def test_a_failed_turn_shows_no_half_tag() -> None:
    failed = Failed(FailureKind.CUT)
    assert list(without_markup([Text("a<grok:render x"), failed])) == [Text("a"), failed]
