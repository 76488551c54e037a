"""Answers as clients of Anthropic's read them: the order of events, and the message they make."""

from typing import Any

import pytest

from api_bridge.answer_head import PATIENCE, Head, ReasoningStyle
from api_bridge.anthropic_events import events, failure, fold
from api_bridge.deltas import Call, Content, Delta, Finish, Ids, Reasoning, Waiting
from api_bridge.errors import GrokFailedError
from api_bridge.events import Failed, FailureKind
from api_bridge.messages import ToolCall

HEAD = Head(id="msg_1", created=7, model="claude-sonnet-4-5", prompt_tokens=10)
LOOK = Call(ToolCall("toolu_1", "look", '{"at": "sea"}'))


def told(*deltas: Delta, **more: Any) -> list[dict[str, Any]]:
    head = Head(**{**{name: getattr(HEAD, name) for name in HEAD.__slots__}, **more})
    return list(events(deltas, head))


def names(found: list[dict[str, Any]]) -> list[str]:
    return [event.get("type", "") for event in found]


def test_an_answer_is_one_block_between_a_beginning_and_an_end() -> None:
    found = told(Ids("c", "r"), Content(""), Content("Hel"), Content("lo"), Finish("stop"))
    assert names(found) == [
        "message_start", "ping", "content_block_start", "content_block_delta",
        "content_block_delta", "content_block_stop", "message_delta", "message_stop",
    ]  # fmt: skip
    assert found[0]["message"]["content"] == []
    assert found[0]["message"]["usage"]["input_tokens"] == 13
    assert found[2] == {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    }
    assert found[-2]["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}
    assert found[-2]["usage"]["output_tokens"] > 0


def test_thoughts_text_and_calls_are_blocks_of_their_own() -> None:
    deltas = (Reasoning("hm"), Content("Wait."), Reasoning("late"), LOOK, LOOK)
    found = told(*deltas, Finish("tool_calls"))
    starts = [event for event in found if event["type"] == "content_block_start"]
    assert [(event["index"], event["content_block"]["type"]) for event in starts] == [
        (0, "thinking"), (1, "text"), (2, "tool_use"), (3, "tool_use"),
    ], "clients take the last block for all: a late thought would cut the text in two"  # fmt: skip
    assert names(found).count("content_block_stop") == len(starts)
    message = fold(found)
    assert message["content"][:2] == [
        {"type": "thinking", "thinking": "hm", "signature": ""},
        {"type": "text", "text": "Wait."},
    ]
    assert message["content"][2] == {
        "type": "tool_use",
        "id": "toolu_1",
        "name": "look",
        "input": {"at": "sea"},
    }
    assert message["stop_reason"] == "tool_use"


def test_hidden_thoughts_leave_no_block() -> None:
    found = told(Reasoning("hm"), Content("a"), Finish("stop"), reasoning=ReasoningStyle.HIDDEN)
    assert [block["type"] for block in fold(found)["content"]] == ["text"]


@pytest.mark.parametrize(
    ("finish", "reason", "sequence"),
    [
        (Finish("length"), "max_tokens", None),
        (Finish("content_filter"), "refusal", None),
        (Finish("stop", "END"), "stop_sequence", "END"),
    ],
    ids=str,
)
def test_the_reason_of_an_end_is_told(finish: Finish, reason: str, sequence: str | None) -> None:
    message = fold(told(Content("a"), finish))
    assert (message["stop_reason"], message["stop_sequence"]) == (reason, sequence)


def test_the_whole_message_has_exactly_these_keys() -> None:
    message = fold(told(Waiting(), Content("a"), Finish("stop")))
    assert set(message) == {
        "id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage",
    }  # fmt: skip
    assert (message["id"], message["type"], message["role"]) == ("msg_1", "message", "assistant")


def test_ids_are_told_to_who_asked_for_them() -> None:
    deltas = (Ids("c-1", "r-1"), Content("a"), Finish("stop"))
    message = fold(told(*deltas, tells_conversation=True))
    assert (message["conversation_id"], message["message_id"]) == ("c-1", "r-1")
    assert "conversation_id" not in fold(told(*deltas))


def test_patience_is_no_event() -> None:
    assert told(Waiting(), Content("a"), Finish("stop"))[0] == PATIENCE


def test_a_stream_that_breaks_off_ends_with_an_error() -> None:
    (event,) = failure(GrokFailedError(Failed(FailureKind.CUT)), {})
    assert (event["type"], event["error"]["type"]) == ("error", "api_error")
