"""Chunks and the whole answer: exact keys, the same content both ways, in every style."""

from typing import Any

import pytest

from api_bridge.answer import answer, prompt_tokens
from api_bridge.answer_head import PATIENCE, Chunk, Head, ReasoningStyle
from api_bridge.chat_request import ChatRequest
from api_bridge.completion_fold import fold
from api_bridge.completions import chunks
from api_bridge.deltas import Annotation, Call, Content, Delta, Finish, Ids, Reasoning, Waiting
from api_bridge.errors import GrokFailedError
from api_bridge.events import Finished, GrokEvent, Text
from api_bridge.messages import ToolCall
from api_bridge.rendering import Look
from api_bridge.tokens import count_tokens
from tests.api_bridge.recordings import ALL, events, raw_events

HEAD = Head(id="chatcmpl-1", created=1795424304, model="grok-4", include_usage=True)
LOOK = Look(lambda image: f"https://mirror.example/{image.url}")


def head(**more: Any) -> Head:
    return Head(id="chatcmpl-1", created=1795424304, model="grok-4", **more)


def request(**more: object) -> ChatRequest:
    messages = [{"role": "user", "content": "Hi"}]
    return ChatRequest.parse({"model": "grok-4", "messages": messages, **more})


def answered(given: list[GrokEvent], how: Head = HEAD, **more: object) -> list[Chunk]:
    parts = answer(lambda _: given, request(**more), LOOK, "n0nce", lambda: "call_00000001")
    return list(chunks(parts, how))


def joined(found: list[Chunk], name: str = "content") -> str:
    texts = [c["delta"].get(name) or "" for chunk in found for c in chunk.get("choices", [])]
    return "".join(texts)


FINE = [name for name in ALL if isinstance(events(name)[-1], Finished)]


@pytest.mark.parametrize("name", FINE)
@pytest.mark.parametrize("style", ReasoningStyle)
def test_the_whole_answer_is_what_was_streamed(name: str, style: ReasoningStyle) -> None:
    found = answered(raw_events(name), head(reasoning=style, include_usage=True))
    message = fold(found)["choices"][0]["message"]
    assert message["content"] == joined(found)
    assert message.get("reasoning_content", "") == joined(found, "reasoning_content")
    assert message["content"].strip()


@pytest.mark.parametrize("name", [name for name in ALL if name not in FINE])
def test_a_failed_turn_never_ends_as_if_it_were_done(name: str) -> None:
    parts = answer(lambda _: raw_events(name), request(), LOOK, "n0nce", lambda: "call_00000001")
    found: list[Chunk] = []
    with pytest.raises(GrokFailedError):
        found.extend(chunks(parts, HEAD))
    assert all(not c["finish_reason"] for chunk in found for c in chunk["choices"])


def test_chunks_have_exactly_these_keys() -> None:
    found = answered(raw_events("plain.ndjson"))
    shared = {"id", "object", "created", "model", "choices"}
    *parts, usage = found
    assert all(set(chunk) == shared for chunk in parts)
    assert {chunk["object"] for chunk in found} == {"chat.completion.chunk"}
    for chunk in parts:
        (choice,) = chunk["choices"]
        assert set(choice) == {"index", "delta", "logprobs", "finish_reason"}
    assert parts[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert (parts[-1]["choices"][0]["delta"], parts[-1]["choices"][0]["finish_reason"]) == (
        {},
        "stop",
    )
    assert (set(usage), usage["choices"]) == (shared | {"usage"}, [])


def test_usage_comes_only_when_asked_for() -> None:
    found = answered(raw_events("plain.ndjson"), head())
    assert all(chunk["choices"] and "usage" not in chunk for chunk in found)


def test_the_whole_answer_has_exactly_these_keys() -> None:
    whole = fold(answered(raw_events("plain.ndjson")))
    assert list(whole) == ["id", "object", "created", "model", "choices", "usage"]
    assert whole["object"] == "chat.completion"
    (choice,) = whole["choices"]
    assert set(choice) == {"index", "finish_reason", "logprobs", "message"}
    assert choice["message"] == {
        "role": "assistant",
        "content": "It is 42.",
        "refusal": None,
        "annotations": [],
        "reasoning_content": "Multiplying\n6 times 7 is needed.\n",
    }


def test_usage_adds_up() -> None:
    usage = fold(answered(raw_events("plain.ndjson"), head(include_usage=True, prompt_tokens=8)))[
        "usage"
    ]
    thoughts = usage["completion_tokens_details"]["reasoning_tokens"]
    assert usage["prompt_tokens"] == 11
    assert thoughts == count_tokens("Multiplying\n6 times 7 is needed.\n")
    assert usage["completion_tokens"] == count_tokens("It is 42.") + thoughts
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert set(usage) == {
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "prompt_tokens_details",
        "completion_tokens_details",
    }


def test_thoughts_in_tags_start_and_end_a_chunk() -> None:
    found = answered(raw_events("plain.ndjson"), head(reasoning=ReasoningStyle.TAGS))
    texts = [chunk["choices"][0]["delta"].get("content") for chunk in found]
    assert any(text and text.startswith("<think>") for text in texts)
    assert any(text and text.endswith("</think>") for text in texts)
    wanted = "<think>\nMultiplying\n6 times 7 is needed.\n\n</think>\n\nIt is 42."
    assert joined(found) == wanted


def test_late_thoughts_do_not_split_an_answer_in_tags() -> None:
    tags = answered(raw_events("late_thinking.ndjson"), head(reasoning=ReasoningStyle.TAGS))
    assert joined(tags) == "It is 42."
    field = answered(raw_events("late_thinking.ndjson"))
    assert joined(field, "reasoning_content") == "Checking once more"


def test_hidden_thoughts_still_begin_the_stream() -> None:
    deltas: list[Delta] = [Reasoning("hm"), Content("a"), Finish("stop")]
    found = chunks(deltas, head(reasoning=ReasoningStyle.HIDDEN))
    assert next(found)["choices"][0]["delta"]["role"] == "assistant"
    assert joined(list(found)) == "a"


def test_annotations_come_before_the_finish() -> None:
    found = answered(raw_events("search_with_citations.mgw"), head())
    note = found[-2]["choices"][0]["delta"]["annotations"][0]
    assert note == {
        "type": "url_citation",
        "url_citation": {
            "url": "https://tides.example/hanko",
            "title": "Hanko tides",
            "start_index": 22,
            "end_index": 25,
        },
    }
    assert fold(found)["choices"][0]["message"]["annotations"] == [note]


def test_who_asked_with_functions_is_answered_with_a_function_call() -> None:
    call = Call(ToolCall("call_00000001", "look", '{"a": 1}'))
    found = list(chunks([call, Finish("tool_calls")], head(legacy_calls=True)))
    deltas = [chunk["choices"][0]["delta"] for chunk in found]
    assert deltas[1:3] == [
        {"function_call": {"name": "look", "arguments": ""}},
        {"function_call": {"arguments": '{"a": 1}'}},
    ]
    choice = fold(found)["choices"][0]
    assert choice["finish_reason"] == "function_call"
    assert choice["message"]["function_call"] == {"name": "look", "arguments": '{"a": 1}'}
    assert choice["message"]["content"] is None
    assert "tool_calls" not in choice["message"]


def test_annotations_count_the_thoughts_that_stand_before_the_answer() -> None:
    given = [Reasoning("Hm."), Content("See [1]."), Annotation("https://a.example", "A", 4, 7)]
    found = list(chunks([*given, Finish("stop")], head(reasoning=ReasoningStyle.TAGS)))
    message = fold(found)["choices"][0]["message"]
    place = message["annotations"][0]["url_citation"]
    assert message["content"][place["start_index"] : place["end_index"]] == "[1]"


def test_calls_are_streamed_as_clients_need_them() -> None:
    calls = [Call(ToolCall(f"call_0000000{n}", "look", '{"a": 1}')) for n in (1, 2)]
    found = list(chunks([*calls, Finish("tool_calls")], head()))
    first, second = (c["choices"][0]["delta"]["tool_calls"][0] for c in found[1:3])
    assert first == {
        "index": 0,
        "id": "call_00000001",
        "type": "function",
        "function": {"name": "look", "arguments": ""},
    }
    assert second == {"index": 0, "function": {"arguments": '{"a": 1}'}}
    assert found[3]["choices"][0]["delta"]["tool_calls"][0]["index"] == 1
    assert found[-1]["choices"][0]["finish_reason"] == "tool_calls"
    choice = fold(found)["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    assert choice["message"]["tool_calls"] == [
        {
            "id": f"call_0000000{n}",
            "type": "function",
            "function": {"name": "look", "arguments": '{"a": 1}'},
        }
        for n in (1, 2)
    ]


def test_a_call_of_a_custom_tool_is_answered_as_one() -> None:
    call = ToolCall("call_00000001", "patch", '{"input": "+ a"}', "+ a")
    found = list(chunks([Call(call), Finish("tool_calls")], head()))
    first, second = (c["choices"][0]["delta"]["tool_calls"][0] for c in found[1:3])
    named = {"id": "call_00000001", "type": "custom"}
    assert first == {"index": 0, **named, "custom": {"name": "patch", "input": ""}}
    assert second == {"index": 0, "custom": {"input": "+ a"}}
    message = fold(found)["choices"][0]["message"]
    assert message["tool_calls"] == [{**named, "custom": {"name": "patch", "input": "+ a"}}]


def test_patience_is_no_part_of_the_answer() -> None:
    deltas: list[Delta] = [Waiting(), Content("a"), Waiting(), Finish("stop")]
    found = list(chunks(deltas, head()))
    assert found[0] == PATIENCE
    assert fold(found)["choices"][0]["message"]["content"] == "a"


def test_ids_are_told_to_who_asked_for_them() -> None:
    deltas: list[Delta] = [Ids("c-1", ""), Ids("c-1", "r-1"), Content("a"), Finish("stop")]
    whole = fold(chunks(deltas, head(tells_conversation=True)))
    assert (whole["conversation_id"], whole["message_id"]) == ("c-1", "r-1")
    assert "conversation_id" not in fold(chunks(deltas, head()))


# -- the whole pipe -------------------------------------------------------------------------------


def said(text: str) -> list[GrokEvent]:
    return [*(Text(piece) for piece in text), Finished("r-1")]


def test_a_call_goes_through_the_whole_pipe() -> None:
    tool = {"type": "function", "function": {"name": "look"}}
    text = 'Wait.\n<call-n0nce>{"name": "look", "arguments": {}}</call-n0nce> calm'
    choice = fold(answered(said(text), tools=[tool]))["choices"][0]
    assert choice["message"]["content"] == "Wait."
    assert choice["message"]["tool_calls"][0]["function"] == {"name": "look", "arguments": "{}"}
    assert choice["finish_reason"] == "tool_calls"


def test_json_goes_through_the_whole_pipe() -> None:
    wanted = {"type": "json_object"}
    whole = fold(answered(said('Sure: {"a": 1}'), response_format=wanted))
    assert whole["choices"][0]["message"]["content"] == '{"a": 1}'


def test_programs_get_no_footnotes() -> None:
    found = answered(
        raw_events("search_with_citations.mgw"), response_format={"type": "json_object"}
    )
    assert fold(found)["choices"][0]["message"]["content"] == "High water is at 14:10."


@pytest.mark.parametrize(
    ("fields", "content", "finish"),
    [
        ({"stop": "two"}, "one ", "stop"),
        ({"max_tokens": 100}, "one two three", "stop"),
        ({}, "one two three", "stop"),
    ],
    ids=str,
)
def test_limits_go_through_the_whole_pipe(
    fields: dict[str, object], content: str, finish: str
) -> None:
    choice = fold(answered(said("one two three"), **fields))["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == (content, finish)


def test_a_spent_budget_is_told() -> None:
    choice = fold(answered(said("word " * 50), max_tokens=5))["choices"][0]
    assert choice["finish_reason"] == "length"
    assert count_tokens(choice["message"]["content"]) == 5


def test_a_prompt_is_counted_by_its_messages() -> None:
    assert prompt_tokens(request()) == 3 + count_tokens("Hi")
    picture = {"type": "image_url", "image_url": "https://a.example/"}
    messages = [{"role": "user", "content": [picture]}]
    assert prompt_tokens(request(messages=messages)) > 200
