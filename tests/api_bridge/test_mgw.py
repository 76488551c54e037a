"""The WebSocket transport: every recording, glued and split messages, and what may be sent when."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_bridge.events import (
    Citation,
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
from api_bridge.mgw import MgwReader, MgwTurn
from api_bridge.question import Question
from tests.api_bridge.recordings import (
    MGW,
    answer,
    cut,
    json_values,
    messages,
    raw_events,
    read_messages,
    thoughts,
)

K = FailureKind
SESSION = "aaaaaaaa-0000-4000-8000-000000000001"


@dataclass(frozen=True)
class Case:
    answer: str = ""
    thoughts: str = ""
    failure: FailureKind | None = None


CASES = {
    "plain": Case("Hello 👋", "Thinking about the greeting"),
    "glued_objects": Case('Hello {"} \\ 👋'),
    "late_thinking": Case("It is 42.", "Checking once more"),
    "output_text_deltas": Case("Forty-two", "Hm. "),
    "search_with_citations": Case("High water is at 14:10."),
    "images_with_progress": Case(),
    "a_video_and_no_words": Case(),
    "unknown_events": Case("Fine."),
    "error_inside_the_answer": Case(failure=K.EXHAUSTED),
    "anti_bot": Case(failure=K.ANTI_BOT),
    "failed_without_a_word": Case(failure=K.RATE_LIMITED),
    "session_ended_early": Case("Half an", failure=K.CUT),
    "no_end": Case("Half an ", failure=K.CUT),
    "empty_answer": Case(failure=K.EMPTY),
    "history_replayed": Case("New words"),
    "stopped_at_its_own_limit": Case("So far"),
    "drawn_card": Case("See"),
}


@pytest.mark.parametrize(("name", "case"), CASES.items(), ids=CASES)
def test_a_recording_says(name: str, case: Case) -> None:
    events = raw_events(f"{name}.mgw")
    assert (answer(events), thoughts(events)) == (case.answer, case.thoughts)
    end = events[-1]
    assert isinstance(end, Finished | Failed)
    assert (end.kind if isinstance(end, Failed) else None) == case.failure
    assert sum(isinstance(event, Finished | Failed) for event in events) == 1


def test_every_recording_is_in_the_table() -> None:
    assert {name.removesuffix(".mgw") for name in MGW} == CASES.keys()


@pytest.mark.parametrize("name", MGW)
def test_all_in_one_message_or_a_character_each_is_the_same(name: str) -> None:
    text = "".join(messages(name))
    assert list(read_messages([text])) == raw_events(name)
    assert list(read_messages(list(text))) == raw_events(name)


@given(st.sampled_from(MGW), st.lists(st.integers(0, 6000), max_size=9))
def test_any_cuts_give_the_same_events(name: str, places: list[int]) -> None:
    text = "\n\n".join(messages(name))
    assert list(read_messages(cut(text, places))) == raw_events(name)


NAMES = """event type session_id chunk text channel response status status_details reason error code
    message output stream_error render_citation url tool_result web_search webpages"""
KINDS = """session.created conversation.attached response.chunk response.done error session.ended
    response.grok.output response.output_text.done response.created"""


@given(st.lists(json_values(NAMES, KINDS), max_size=4))
def test_no_json_value_breaks_the_reader(values: list[object]) -> None:
    events = list(read_messages([json.dumps(value) for value in values]))
    assert sum(isinstance(event, Finished | Failed) for event in events) == 1


def test_results_and_citations_come_in_their_places() -> None:
    events = raw_events("search_with_citations.mgw")
    page, post = (event for event in events if isinstance(event, SearchResult))
    assert page == SearchResult(
        "https://tides.example/hanko", "Hanko tides", "Next high water 14:10"
    )
    assert post.url == "https://x.com/harbour_ex/status/1900000000000000001"
    place = events.index(Citation("https://tides.example/hanko", "0", "c-1"))
    assert events[place - 1 : place + 2 : 2] == [Text("High water is at 14:10"), Text(".")]


def test_titles_of_thoughts_are_known() -> None:
    assert Thinking("Checking once more", is_title=True) in raw_events("late_thinking.mgw")


def test_images_tell_their_progress() -> None:
    images = [event for event in raw_events("images_with_progress.mgw") if type(event) is Image]
    assert [image.is_final for image in images] == [False, True]


def test_only_what_is_about_the_turn_shows_that_it_is_alive() -> None:
    reader = MgwReader()
    for message in messages("plain.mgw")[:3]:
        reader.feed(message)
    before = reader.heard
    assert before > 0
    for strange in (
        '{"event":{"type":"conversation.list.updated"}}',
        '{"event":{"type":"pong","event_id":"e"}}',
        '{"session_id":"other","event":{"type":"response.chunk","chunk":{"text":{"text":"x"}}}}',
    ):
        reader.feed(strange)
    assert reader.heard == before
    reader.feed(messages("plain.mgw")[3])
    assert reader.heard == before + 1


def test_a_video_alone_is_an_answer() -> None:
    videos = [event for event in raw_events("a_video_and_no_words.mgw") if type(event) is Video]
    assert [video.is_final for video in videos] == [False, True]
    assert videos[-1].url.endswith("/vid-1/generated_video.mp4")


def test_what_has_no_name_is_counted() -> None:
    unknown = [e.name for e in raw_events("unknown_events.mgw") if isinstance(e, Unknown)]
    assert unknown == ["response.quantum.entangled", "chunk.hologram"]


def test_an_early_stop_keeps_its_reason() -> None:
    events = raw_events("stopped_at_its_own_limit.mgw")
    assert events[-1] == Finished("r-1", "max_output_tokens")


def test_another_conversation_on_the_socket_is_not_ours() -> None:
    reader = MgwReader()
    for message in messages("plain.mgw")[:6]:
        reader.feed(message)
    chunk = {"text": {"text": "theirs", "channel": "CHANNEL_ASSISTANT_RESPONSE"}}
    frame = {"session_id": "other", "event": {"type": "response.chunk", "chunk": chunk}}
    assert reader.feed(json.dumps(frame)) == []


def test_a_megabyte_in_one_frame_is_read() -> None:
    text = "ä" * 2**20
    chunk = {"text": {"text": text, "channel": "CHANNEL_ASSISTANT_RESPONSE"}}
    frame = {"event": {"type": "response.chunk", "chunk": chunk}}
    assert answer(read_messages([json.dumps(frame)])) == text


# -- what may be sent -----------------------------------------------------------------------------


def numbers() -> Callable[[], str]:
    counter = count(1)
    return lambda: str(next(counter))


def turn(**more: object) -> MgwTurn:
    return MgwTurn(Question(message="Say hello", mode="fast", **more), numbers())  # type: ignore[arg-type]


def created() -> str:
    return json.dumps({"session_id": SESSION, "event": {"type": "session.created"}})


def attached() -> str:
    conversation = {"id": SESSION, "object": "realtime.conversation"}
    return json.dumps({"event": {"type": "conversation.attached", "conversation": conversation}})


def test_the_opening_asks_for_a_temporary_conversation() -> None:
    event = json.loads(turn().opening())["event"]
    assert (event["type"], event["event_id"]) == ("session.create", "evt_init_1")
    assert event["session"]["model"] == "fast"
    extras = event["session"]["x_grok"]
    assert (extras["is_temporary"], extras["use_chunk"]) == (True, True)
    assert "disable_web_search" not in extras


def test_an_opening_without_search_says_so() -> None:
    extras = json.loads(turn(web_search=False).opening())["event"]["session"]["x_grok"]
    assert (extras["disable_web_search"], extras["disable_x_search"]) == (True, True)


def test_a_conversation_is_taken_up_by_its_id() -> None:
    frame = json.loads(turn(conversation_id=SESSION, temporary=False).opening())
    assert frame["session_id"] == SESSION
    extras = frame["event"]["session"]["x_grok"]
    assert (extras["conversation_id"], extras["load_existing"], extras["needs_history"]) == (
        SESSION,
        True,
        False,
    )


@pytest.mark.parametrize(
    "order",
    [[created(), attached()], [attached(), created()], [created() + attached()]],
    ids=["created first", "attached first", "both in one message"],
)
def test_the_question_waits_for_both_signs(order: list[str]) -> None:
    asking = turn()
    assert asking.next_frames() == []
    for message in order[:-1]:
        asking.reader.feed(message)
        assert asking.next_frames() == []
    asking.reader.feed(order[-1])
    item, create = map(json.loads, asking.next_frames())
    assert (item["session_id"], create["session_id"]) == (SESSION, SESSION)
    assert item["event"]["type"] == "conversation.item.create"
    assert create["event"]["type"] == "response.create"
    assert asking.next_frames() == []


def test_a_question_names_its_files_and_its_parent() -> None:
    asking = turn(file_ids=("f-1",), parent_response_id="r-0", conversation_id=SESSION)
    asking.reader.feed(created() + attached())
    event = json.loads(asking.next_frames()[0])["event"]
    assert event["parent_response_id"] == "r-0"
    assert event["file_attachment_ids"] == event["item"]["file_attachment_ids"] == ["f-1"]
    mention, text = event["item"]["x_grok"]["input_chunks"]
    assert mention == {"mention": {"target": {"file_mention": {"file_id": "f-1"}}}}
    assert text == {"text": {"text": "Say hello"}}


def test_nothing_is_asked_after_a_refusal() -> None:
    asking = turn()
    for message in messages("anti_bot.mgw"):
        asking.reader.feed(message)
    assert asking.next_frames() == []
    assert json.loads(asking.ping())["event"]["type"] == "ping"


def test_ids_are_told_as_soon_as_they_are_known() -> None:
    started = [event for event in raw_events("plain.mgw") if isinstance(event, Started)]
    assert started == [Started(SESSION), Started(SESSION, "r-1")]
