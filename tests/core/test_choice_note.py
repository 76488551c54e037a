"""Notes on choices: small, read back whole, and nothing at all when they are not ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.choice_note import MOST_NAMED, ChoiceNote, Way, note_of_choice, read_note
from core.pool_choice import Choice, Strategy

words, numbers = st.text(max_size=20), st.integers(0, 10**9)


@given(
    st.builds(
        ChoiceNote,
        way=st.sampled_from(Way),
        strategy=words,
        sticky=words,
        is_sticky=st.booleans(),
        candidates=st.lists(numbers, max_size=6).map(tuple),
        number=numbers,
        skipped=st.dictionaries(words, st.integers(1, 99), max_size=4),
        examples=st.lists(st.tuples(numbers, words), max_size=6).map(tuple),
        avoided=st.lists(numbers, max_size=3).map(tuple),
        waited_ms=numbers,
        left=st.none() | st.integers(1, 9),
        left_because=words,
    )
)
def test_what_is_written_is_read_back(note: ChoiceNote) -> None:
    assert read_note(note.to_json()) == note


def test_the_commonest_note_is_tiny_and_a_large_choice_stays_small() -> None:
    assert ChoiceNote(way=Way.KEPT).to_json() == '{"w":"kept"}'
    choice = Choice(
        None,
        Strategy.MOST_QUOTA,
        tuple(range(64)),
        {"resting": 9_000, "busy": 64},
        tuple((number, "quota used up") for number in range(64)),
    )
    note = note_of_choice(choice, sticky="s", avoided=frozenset({3, 1}), waited_ms=20)
    assert (note.number, len(note.candidates), note.avoided) == (64, MOST_NAMED, (1, 3))
    assert note.examples == tuple((number, "quota used up") for number in range(3))
    assert len(note.to_json()) < 350


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", "{}", '{"w":"later"}', '{"w":"pool","c":["x"]}', '{"w":"pool","x":3}'],
)
def test_what_is_no_note_of_ours_is_none(text: str) -> None:
    assert read_note(text) is None
