"""Characters that come in halves, at every cut."""

import json

from hypothesis import given
from hypothesis import strategies as st

from api_bridge.events import Finished, Text, Thinking
from api_bridge.surrogates import Halves
from api_bridge.turn_state import TurnState


def in_units(text: str) -> list[str]:
    """One string for each unit of UTF-16, as a careless service would cut."""
    data = text.encode("utf-16-le")
    return [data[i : i + 2].decode("utf-16-le", "surrogatepass") for i in range(0, len(data), 2)]


@given(st.text())
def test_whole_characters_come_out_however_they_came_in(text: str) -> None:
    halves = Halves()
    pieces = [halves.feed(unit) for unit in in_units(text)] + [halves.flush()]
    assert "".join(pieces) == text
    assert all(piece.encode() or not piece for piece in pieces)


@given(st.lists(st.text(st.characters(codec="utf-16-le"), max_size=3) | st.just("\ud800")))
def test_what_never_finds_its_other_half_is_replaced(pieces: list[str]) -> None:
    halves = Halves()
    found = "".join([halves.feed(piece) for piece in pieces] + [halves.flush()])
    assert json.loads(json.dumps(found, ensure_ascii=False).encode()) == found
    assert found.count("\ufffd") >= pieces.count("\ud800")


def test_a_turn_says_whole_characters() -> None:
    turn = TurnState()
    assert turn.text("half \ud83d") == [Text("half ")]
    assert turn.text("\udc4b half") == [Text("👋 half")]
    assert turn.thinking(Thinking("\ud83d")) == []
    assert turn.thinking(Thinking("\udc4b")) == [Thinking("👋")]
    assert turn.whole_text("half \ud83d\udc4b half and more") == [Text(" and more")]
    assert turn.text("\ud83d") == []
    assert turn.finish() == [Text("\ufffd"), Finished()]
