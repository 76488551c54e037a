"""Neighbouring pieces of a text become one; nothing else changes."""

from hypothesis import example, given
from hypothesis import strategies as st

from api_bridge.events import Citation, Finished, GrokEvent, SearchResult, Text, Thinking
from api_bridge.gathering import gathered
from api_bridge.rendering import Look, deltas

EVENTS = st.lists(
    st.builds(Text, st.text(max_size=3))
    | st.builds(Thinking, st.text("a\n", max_size=3), st.booleans(), st.none() | st.integers(0, 1))
    | st.just(Citation("https://a.example"))
    | st.just(SearchResult("https://a.example", "A"))
)


def test_texts_and_thoughts_are_put_together() -> None:
    events: list[GrokEvent] = [
        Thinking("a", is_title=True), Thinking("b", is_title=True), Thinking("c"), Text("d"),
        Text("e"), Citation("u"), Text("f"), Finished("r"),
    ]  # fmt: skip
    assert gathered(events) == [
        Thinking("ab", is_title=True), Thinking("c"), Text("de"), Citation("u"), Text("f"),
        Finished("r"),
    ]  # fmt: skip
    assert gathered([]) == []


def told(events: list[GrokEvent]) -> list[object]:
    """What a caller reads, whatever the cuts."""
    found: list[list[object]] = []
    for delta in deltas([*events, Finished("r")], Look(lambda image: image.url)):
        kind, text = type(delta).__name__, getattr(delta, "text", None)
        if text is not None and found and found[-1][0] == kind:
            found[-1][1] = f"{found[-1][1]}{text}"
        else:
            found.append([kind, text if text is not None else delta])
    return [pair for pair in found if pair[1] != ""]


@example([Thinking("\n"), Thinking(""), Thinking("", step=0)])
@given(EVENTS)
def test_a_caller_reads_the_same(events: list[GrokEvent]) -> None:
    assert told(gathered(events)) == told(events)
