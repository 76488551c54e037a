"""Deltas → the events of Anthropic's messages, and the one message they add up to.

An answer is a row of blocks, one open at a time: text, thoughts, calls of tools.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api_bridge.answer_head import Chunk, Head, ReasoningStyle
from api_bridge.deltas import Call, Content, Delta, Finish, Reasoning
from api_bridge.errors import BridgeError, api_error
from api_bridge.event_writer import EventWriter

_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


def events(deltas: Iterable[Delta], head: Head) -> Iterator[Chunk]:
    """All events, each with its name as `type`."""
    return _Writer(head).events(deltas)


def failure(error: BridgeError, _said: Mapping[str, Any]) -> Iterator[Chunk]:
    """How a stream that has begun ends when it cannot go on."""
    yield api_error(error).anthropic_body()


class _Writer(EventWriter):
    def __init__(self, head: Head) -> None:
        super().__init__(head)
        self._open = ""
        """The type of the block that is open."""
        self._blocks = 0

    def begin(self) -> Iterator[Chunk]:
        yield {"type": "message_start", "message": self._message()}
        yield {"type": "ping"}

    def _told(self, delta: Delta) -> Iterator[Chunk]:
        match delta:
            case Content(text) if text:
                yield from self._opened("text", {"text": ""})
                yield self._delta({"type": "text_delta", "text": text})
            case Reasoning(text) if self._head.reasoning is not ReasoningStyle.HIDDEN:
                # The signature is Anthropic's own; clients send it back and nobody here reads it.
                yield from self._opened("thinking", {"thinking": "", "signature": ""})
                yield self._delta({"type": "thinking_delta", "thinking": text})
            case Call(call):
                yield from self._closed()
                empty = {"id": call.id, "name": call.name, "input": {}}
                yield from self._opened("tool_use", empty)
                yield self._delta({"type": "input_json_delta", "partial_json": call.arguments})
                yield from self._closed()
            case Finish():
                yield from self._closed()
                yield from self._end(delta)

    def _message(self) -> dict[str, Any]:
        return {
            "id": self._head.id,
            "type": "message",
            "role": "assistant",
            "model": self._head.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": self._tally.anthropic(),
            **self._ids,
        }

    def _opened(self, kind: str, empty: dict[str, Any]) -> Iterator[Chunk]:
        """A block of this kind is open from now on."""
        if self._open == kind:
            return
        yield from self._closed()
        self._open = kind
        block = {"type": kind, **empty}
        yield {"type": "content_block_start", "index": self._blocks, "content_block": block}

    def _delta(self, delta: dict[str, Any]) -> Chunk:
        return {"type": "content_block_delta", "index": self._blocks, "delta": delta}

    def _closed(self) -> Iterator[Chunk]:
        if self._open:
            yield {"type": "content_block_stop", "index": self._blocks}
            self._blocks += 1
            self._open = ""

    def _end(self, finish: Finish) -> Iterator[Chunk]:
        reason = "stop_sequence" if finish.sequence else _REASONS[finish.reason]
        stop = {"stop_reason": reason, "stop_sequence": finish.sequence or None}
        yield {"type": "message_delta", "delta": stop, "usage": self._tally.anthropic()}
        yield {"type": "message_stop"}


def fold(found: Iterable[Chunk]) -> Chunk:
    """The message that these events add up to."""
    message: Chunk = {}
    for event in found:
        match event.get("type"):
            case "message_start":
                message = {**event["message"], "content": []}
            case "content_block_start":
                message["content"].append(dict(event["content_block"]))
            case "content_block_delta":
                _add(message["content"][event["index"]], event["delta"])
            case "message_delta":
                message |= {**event["delta"], "usage": event["usage"]}
    return message


def _add(block: dict[str, Any], delta: dict[str, Any]) -> None:
    match delta["type"]:
        case "input_json_delta":
            block["input"] = json.loads(delta["partial_json"])
        case "text_delta":
            block["text"] += delta["text"]
        case "thinking_delta":
            block["thinking"] += delta["thinking"]
