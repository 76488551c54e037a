"""Answers of the Responses interface: the order of events, and the object they end with."""

from typing import Any

import pytest

from api_bridge.answer_head import PATIENCE, Head, ReasoningStyle
from api_bridge.deltas import (
    Annotation,
    Call,
    Content,
    Delta,
    Finish,
    Ids,
    Reasoning,
    Waiting,
)
from api_bridge.errors import GrokFailedError
from api_bridge.events import Failed, FailureKind
from api_bridge.messages import ToolCall
from api_bridge.response_events import events, failure, fold

HEAD = Head(id="resp_1", created=7, model="grok-4", prompt_tokens=10)
LOOK = Call(ToolCall("call_1", "look", '{"at": "sea"}'))
PATCH = Call(ToolCall.with_text("call_2", "patch", "+ a"))


def told(*deltas: Delta, **more: Any) -> list[dict[str, Any]]:
    head = Head(**{"id": "resp_1", "created": 7, "model": "grok-4", "prompt_tokens": 10, **more})
    return list(events(deltas, head))


def names(found: list[dict[str, Any]]) -> list[str]:
    return [event.get("type", "").removeprefix("response.") for event in found]


TEXT = [
    "output_item.added", "content_part.added", "output_text.delta", "output_text.done",
    "content_part.done", "output_item.done",
]  # fmt: skip
THOUGHTS = [
    "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta",
    "reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done",
]  # fmt: skip


def called(kind: str) -> list[str]:
    return ["output_item.added", f"{kind}.delta", f"{kind}.done", "output_item.done"]


def test_events_come_in_the_order_that_clients_expect() -> None:
    found = told(Reasoning("hm"), Content("Wait."), LOOK, PATCH, Finish("tool_calls"))
    assert names(found) == [
        "created", "in_progress", *THOUGHTS, *TEXT, *called("function_call_arguments"),
        *called("custom_tool_call_input"), "completed",
    ]  # fmt: skip
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    indexes = [event["output_index"] for event in found if "output_index" in event]
    assert indexes == sorted(indexes)
    assert set(indexes) == {0, 1, 2, 3}
    assert len({item["id"] for item in fold(found)["output"]}) == 4


def test_the_last_event_holds_the_whole_answer() -> None:
    source = Annotation("https://a.example", "A", 0, 3)
    found = told(Content("Hel"), Content("lo"), source, Finish("stop"))
    response = found[-1]["response"]
    assert response == fold(found)
    assert (response["id"], response["status"], response["error"]) == ("resp_1", "completed", None)
    (message,) = response["output"]
    assert (message["role"], message["status"]) == ("assistant", "completed")
    (part,) = message["content"]
    place = {"start_index": 0, "end_index": 3}
    cited = {"type": "url_citation", "url": "https://a.example", "title": "A", **place}
    assert (part["type"], part["text"], part["annotations"]) == ("output_text", "Hello", [cited])
    assert "output_text.annotation.added" in names(found)
    usage = response["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert set(usage["input_tokens_details"]) == {"cached_tokens", "cache_write_tokens"}


def test_items_begin_empty_and_end_whole() -> None:
    found = told(Content("a"), LOOK, PATCH, Finish("tool_calls"))
    begun = [event["item"] for event in found if event["type"].endswith("item.added")]
    done = [event["item"] for event in found if event["type"].endswith("item.done")]
    assert (begun[0]["content"], begun[1]["arguments"], begun[2]["input"]) == ([], "", "")
    assert {item["status"] for item in begun} == {"in_progress"}
    assert done == found[-1]["response"]["output"]
    assert done[1]["arguments"] == '{"at": "sea"}'
    assert (done[2]["type"], done[2]["input"]) == ("custom_tool_call", "+ a")


def test_a_call_in_a_namespace_is_told_apart_from_it() -> None:
    call = ToolCall("call_1", "mcp__sea.look", "{}", namespace="mcp__sea")
    (item,) = fold(told(Call(call), Finish("tool_calls")))["output"]
    assert (item["namespace"], item["name"]) == ("mcp__sea", "look")


def test_thoughts_that_come_late_do_not_cut_the_text() -> None:
    found = told(Content("a"), Reasoning("late"), Content("b"), Finish("stop"))
    assert [item["type"] for item in fold(found)["output"]] == ["message"]
    after_a_call = told(LOOK, Reasoning("late"), LOOK, Finish("tool_calls"))
    assert [item["type"] for item in fold(after_a_call)["output"]] == ["function_call"] * 2
    hidden = told(Reasoning("hm"), Content("a"), Finish("stop"), reasoning=ReasoningStyle.HIDDEN)
    assert [item["type"] for item in fold(hidden)["output"]] == ["message"]


@pytest.mark.parametrize(
    ("finish", "why"),
    [("length", "max_output_tokens"), ("content_filter", "content_filter")],
)
def test_an_answer_cut_short_says_why(finish: Any, why: str) -> None:
    found = told(Content("a"), Finish(finish))
    assert found[-1]["type"] == "response.incomplete"
    response = fold(found)
    assert response["incomplete_details"] == {"reason": why}
    assert response["output"][0]["status"] == "incomplete"


def test_the_request_is_repeated_where_clients_look_for_it() -> None:
    tools = [{"type": "web_search"}]
    asked = {"instructions": "Be brief.", "tools": tools, "metadata": None, "store": False}
    response = fold(told(Content("a"), Finish("stop"), repeated=asked))
    assert (response["instructions"], response["tools"]) == ("Be brief.", tools)
    assert (response["metadata"], response["store"]) == ({}, False)
    assert response["parallel_tool_calls"] is True


def test_ids_are_told_to_who_asked_for_them() -> None:
    deltas = (Ids("c-1", ""), Ids("c-1", "r-1"), Content("a"), Finish("stop"))
    response = fold(told(*deltas, tells_conversation=True))
    assert (response["conversation_id"], response["message_id"]) == ("c-1", "r-1")
    assert "conversation_id" not in fold(told(*deltas))


def test_patience_is_no_event() -> None:
    assert told(Waiting(), Content("a"), Finish("stop"))[0] == PATIENCE


def test_a_stream_that_breaks_off_ends_with_its_failure() -> None:
    error = GrokFailedError(Failed(FailureKind.CUT))
    said: dict[str, Any] = {}
    for event in told(Content("a")):
        said |= event
    failed, plain = failure(error, said, HEAD)
    assert (failed["type"], failed["response"]["id"]) == ("response.failed", "resp_1")
    assert failed["response"]["error"]["code"] == plain["code"] == "upstream_cut"
    assert plain["sequence_number"] == failed["sequence_number"] + 1 == said["sequence_number"] + 2


def test_a_failure_after_signs_of_life_only_has_a_beginning_too() -> None:
    found = list(failure(GrokFailedError(Failed(FailureKind.CUT)), {}, HEAD))
    assert names(found) == ["created", "in_progress", "failed", "error"]
    assert [event["sequence_number"] for event in found] == [0, 1, 2, 3]
    assert found[2]["response"]["id"] == "resp_1"
    assert set(found[2]["response"]) >= {"created_at", "model", "tools", "parallel_tool_calls"}
