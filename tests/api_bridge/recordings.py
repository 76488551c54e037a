"""Recordings of both transports, and the ways to read them: whole, in pieces, without markup.

`*.ndjson` is a body; in `*.mgw` each line is one WebSocket text message.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from hypothesis import strategies as st

from api_bridge import ndjson
from api_bridge.events import GrokEvent, Text, Thinking
from api_bridge.markup import without_markup
from api_bridge.mgw import MgwReader

DATA = Path(__file__).parents[1] / "data"
NDJSON = sorted(path.name for path in DATA.glob("*.ndjson"))
MGW = sorted(path.name for path in DATA.glob("*.mgw"))
ALL = NDJSON + MGW


def body(name: str) -> bytes:
    return (DATA / name).read_bytes()


def messages(name: str) -> list[str]:
    return [line for line in body(name).decode().split("\n") if line]


def read_messages(pieces: Iterable[str]) -> Iterator[GrokEvent]:
    reader = MgwReader()
    for message in pieces:
        yield from reader.feed(message)
    yield from reader.close()


def raw_events(name: str) -> list[GrokEvent]:
    if name.endswith(".ndjson"):
        return list(ndjson.read([body(name)]))
    return list(read_messages(messages(name)))


def events(name: str) -> list[GrokEvent]:
    return list(without_markup(raw_events(name)))


def answer(found: Iterable[GrokEvent]) -> str:
    return "".join(event.text for event in found if isinstance(event, Text))


def thoughts(found: Iterable[GrokEvent]) -> str:
    return "".join(event.text for event in found if isinstance(event, Thinking))


def cut[Piece: (str, bytes)](data: Piece, places: Iterable[int]) -> list[Piece]:
    ends = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(ends)]


def json_values(names: str, words: str = "") -> st.SearchStrategy[object]:
    """Any JSON value, with these names of fields and these strings more often than others."""
    known = st.sampled_from(words.split() or [""])
    return st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | known | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(names.split()), inner, max_size=4)
        ),
        max_leaves=12,
    )
