"""The older transport: every recording, every cut, and the end of every turn."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_bridge import ndjson
from api_bridge.events import (
    Failed,
    FailureKind,
    Finished,
    Image,
    SearchResult,
    Started,
    Text,
    Thinking,
    Unknown,
    Video,
)
from tests.api_bridge.recordings import NDJSON, answer, body, cut, json_values, raw_events, thoughts

K = FailureKind


@dataclass(frozen=True)
class Case:
    answer: str = ""
    thoughts: str = ""
    failure: FailureKind | None = None


CASES = {
    "plain": Case("It is 42.", "Multiplying6 times 7 is needed.\n"),
    "glued_objects": Case('A {"} \\ b'),
    "prefixes_and_blank_lines": Case("Hi"),
    "late_thinking": Case("It is 42.", "Checking once more"),
    "line_separators_in_text": Case("one\u2028two\u0085three\x0cfour 👩‍👩‍👧"),
    "images_with_progress": Case("Here it is:"),
    "a_video_and_no_words": Case(),
    "image_withheld": Case(failure=K.MODERATED),
    "empty_with_error": Case(failure=K.CAPACITY),
    "empty_with_error_only_at_the_end": Case(failure=K.CAPACITY),
    "empty": Case(failure=K.EMPTY),
    "error_instead_of_answer": Case(failure=K.RATE_LIMITED),
    "anti_bot_with_status_200": Case(failure=K.ANTI_BOT),
    "limit_in_the_middle": Case("Some words", failure=K.EXHAUSTED),
    "tool_failed_but_answered": Case("Still here."),
    "cut_in_a_line": Case("Half an ", failure=K.CUT),
    "no_end": Case("Half an ", failure=K.CUT),
    "soft_stop_is_the_end": Case("All said."),
    "text_only_at_the_end": Case("All at once."),
    "unknown_fields": Case("Fine."),
    "flat_envelope": Case("56."),
    "web_page_with_status_200": Case(failure=K.CHALLENGED),
    "wrong_types_everywhere": Case("Fine."),
}


@pytest.mark.parametrize(("name", "case"), CASES.items(), ids=CASES)
def test_a_recording_says(name: str, case: Case) -> None:
    events = raw_events(f"{name}.ndjson")
    end = events[-1] if not isinstance(events[-1], Unknown) else events[-2]
    assert (answer(events), thoughts(events)) == (case.answer, case.thoughts)
    assert (end.kind if isinstance(end, Failed) else None) == case.failure


@pytest.mark.parametrize("name", NDJSON)
def test_a_turn_has_exactly_one_end(name: str) -> None:
    ends = [event for event in raw_events(name) if isinstance(event, Finished | Failed)]
    assert len(ends) == 1


@pytest.mark.parametrize("name", NDJSON)
def test_any_single_cut_gives_the_same_events(name: str) -> None:
    data, whole = body(name), raw_events(name)
    assert list(ndjson.read([bytes([byte]) for byte in data])) == whole
    for place in range(0, len(data), 7):
        assert list(ndjson.read(cut(data, [place]))) == whole, place


@given(st.sampled_from(NDJSON), st.lists(st.integers(0, 6000), max_size=9))
def test_any_cuts_give_the_same_events(name: str, places: list[int]) -> None:
    assert list(ndjson.read(cut(body(name), places))) == raw_events(name)


@given(st.binary(max_size=300))
def test_noise_ends_in_one_failure(noise: bytes) -> None:
    ends = [e for e in ndjson.read([noise]) if isinstance(e, Finished | Failed)]
    assert [type(end) for end in ends] == [Failed]


NAMES = """result response token isThinking isSoftStop messageTag conversation conversationId error
    code message modelResponse streamErrors webSearchResults results url cardAttachment jsonData
    streamingImageGenerationResponse progress imageUrl moderated severity kind"""


@given(st.lists(json_values(NAMES), max_size=4))
def test_no_json_value_breaks_the_reader(values: list[object]) -> None:
    lines = "\n".join(json.dumps(value) for value in values)
    ends = [e for e in ndjson.read([lines.encode()]) if isinstance(e, Finished | Failed)]
    assert len(ends) == 1


def test_ids_are_told_as_soon_as_they_are_known() -> None:
    started = [event for event in raw_events("plain.ndjson") if isinstance(event, Started)]
    conversation = "aaaaaaaa-0000-4000-8000-000000000002"
    assert started == [Started(conversation), Started(conversation, "r-1")]
    assert raw_events("plain.ndjson")[-1] == Finished("r-1")


def test_thoughts_keep_their_titles_and_steps() -> None:
    found = [event for event in raw_events("plain.ndjson") if isinstance(event, Thinking)]
    assert found[0] == Thinking("Multiplying", is_title=True, step=0)
    assert found[1] == Thinking("6 times 7 is needed.\n", step=0)


def test_a_final_image_comes_once() -> None:
    images = [event for event in raw_events("images_with_progress.ndjson") if type(event) is Image]
    assert [(image.progress, image.is_final) for image in images] == [(50, False), (100, True)]


def test_a_video_alone_is_an_answer() -> None:
    *under_way, video = [e for e in raw_events("a_video_and_no_words.ndjson") if type(e) is Video]
    assert [video.is_final for video in under_way] == [False]
    assert video.is_final
    assert video.url.endswith("/vid-1/generated_video.mp4")


def test_posts_get_an_address() -> None:
    events = raw_events("card_after_its_citation.ndjson")
    post, card = (event for event in events if isinstance(event, SearchResult))
    assert post.url == "https://x.com/harbour_ex/status/1900000000000000001"
    assert (card.url, card.card_id) == ("https://tides.example/hanko", "c1")


def test_a_megabyte_in_one_line_is_read() -> None:
    text = "ä" * 2**20
    line = json.dumps({"result": {"response": {"token": text}}}, ensure_ascii=False).encode()
    pieces = [line[at : at + 16_384] for at in range(0, len(line), 16_384)]
    assert answer(ndjson.read([*pieces, b"\n"])) == text


def test_a_line_without_end_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson, "LARGEST_OBJECT", 1000)
    events = list(ndjson.read([b'{"result": "'] + [b"x" * 400] * 5))
    assert events == [Failed(K.INTERNAL, "Grok sent a line that is too large.")]


def test_deep_nesting_is_noise() -> None:
    line = b'{"result":' * 100_000 + b"\n"
    assert next(ndjson.read([line])) == Unknown("not JSON")


def test_nothing_follows_the_end() -> None:
    after = json.dumps({"result": {"response": {"token": "more"}}}).encode()
    assert answer(ndjson.read([body("plain.ndjson"), after, b"\n"])) == "It is 42."


def test_every_recording_is_in_the_table() -> None:
    in_other_tests = {"markup_split_over_tokens", "card_after_its_citation"}
    assert {name.removesuffix(".ndjson") for name in NDJSON} == CASES.keys() | in_other_tests


def test_bytes_that_are_no_text_are_replaced() -> None:
    line = b'{"result":{"response":{"token":"a\xff\xfeb"}}}\n'
    assert next(ndjson.read([line])) == Text("a\ufffd\ufffdb")
