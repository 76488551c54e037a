"""Objects in text: glued, split, with braces and quotes where they mean nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_bridge import json_objects
from api_bridge.json_objects import JsonObjects, TooLargeError, parse_object
from tests.api_bridge.recordings import cut

values = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        st.text(alphabet='ab"\\{}[]\n\u2028é', max_size=6) | st.integers() | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=5,
    ),
    max_size=3,
)


def objects_of(pieces: list[str]) -> list[object]:
    scan = JsonObjects()
    return [value for piece in pieces for value in scan.feed(piece)]


@given(
    st.lists(values, max_size=5),
    st.sampled_from(["", "\n", " \n\n ", ",", "]", '"']),
    st.lists(st.integers(0, 200), max_size=6),
)
def test_glued_objects_come_out_at_any_cut(
    found: list[object], glue: str, places: list[int]
) -> None:
    text = glue.join(json.dumps(value, ensure_ascii=False) for value in found)
    assert objects_of(cut(text, places)) == found
    assert objects_of(list(text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    {
        "nothing": ("", []),
        "an unfinished object waits": ('{"a":1', []),
        "a closing brace too many is skipped": ('}}{"a":1}', [{"a": 1}]),
        "a quote outside opens no string": ('" {"a":1} " {"b":2}', [{"a": 1}, {"b": 2}]),
        "what balances but is no JSON is dropped": ('{a}{"b":2}', [{"b": 2}]),
        "a real newline in a string is forgiven": ('{"a":"x\ny"}', [{"a": "x\ny"}]),
    }.values(),
    ids=str,
)
def test_text_holds_objects(text: str, found: list[object]) -> None:
    assert objects_of([text]) == found


def test_an_object_without_end_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_objects, "LARGEST_OBJECT", 100)
    scan = JsonObjects()
    scan.feed('{"a":"' + "x" * 60)
    with pytest.raises(TooLargeError):
        scan.feed("x" * 60)


@pytest.mark.parametrize("text", ["[1]", "1", "null", "{", "", '{"a":' * 100_000, "9" * 9999])
def test_only_objects_are_objects(text: str) -> None:
    assert parse_object(text) is None
