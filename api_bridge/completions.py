"""Deltas → OpenAI's chat completion chunks.

An empty chunk stands for nothing but patience: the stream shows it as a comment, the fold skips it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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
from api_bridge.tokens import TokenCounter
from api_bridge.usage import usage

type Chunk = dict[str, Any]

PATIENCE: Chunk = {}


class ReasoningStyle(StrEnum):
    """Where thoughts go."""

    FIELD = "field"
    TAGS = "tags"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is the same in all chunks of an answer, and how they are to be written."""

    id: str
    created: int
    model: str
    reasoning: ReasoningStyle = ReasoningStyle.FIELD
    prompt_tokens: int = 0
    include_usage: bool = False
    tells_conversation: bool = False
    legacy_calls: bool = False
    """Calls as `function_call`, for who asked with `functions`."""


def chunks(deltas: Iterable[Delta], head: Head) -> Iterator[Chunk]:
    """Role first, then the answer, one finish chunk, and the usage when asked for."""
    writer = _Writer(head)
    for delta in deltas:
        if isinstance(delta, Waiting):
            yield PATIENCE
            continue
        yield from writer.write(delta)


class _Writer:
    """What must be remembered between two chunks of an answer."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._shared: Chunk = {
            "id": head.id,
            "object": "chat.completion.chunk",
            "created": head.created,
            "model": head.model,
        }
        self._has_begun = self._is_thinking = self._has_content = False
        self._calls = 0
        self._before = 0
        """Characters of the content that are no part of the answer's own text."""
        self._visible, self._thoughts = TokenCounter(), TokenCounter()

    def write(self, delta: Delta) -> Iterator[Chunk]:
        if isinstance(delta, Ids):
            if self._head.tells_conversation:
                self._shared["conversation_id"] = delta.conversation_id
                self._shared["message_id"] = delta.response_id
            return
        if not self._has_begun:
            self._has_begun = True
            yield self._chunk({"role": "assistant", "content": ""})
        for fields in self._fields(delta):
            yield self._chunk(fields)
        if isinstance(delta, Finish):
            is_legacy = self._head.legacy_calls and delta.reason == "tool_calls"
            yield self._chunk({}, "function_call" if is_legacy else delta.reason)
            if self._head.include_usage:
                yield {**self._shared, "choices": [], "usage": self._usage()}

    def _fields(self, delta: Delta) -> Iterator[dict[str, Any]]:
        """The `delta` objects that one delta becomes."""
        match delta:
            case Content(text) if text:
                yield from self._end_of_thoughts()
                self._has_content = True
                self._visible.feed(text)
                yield {"content": text}
            case Reasoning(text):
                self._thoughts.feed(text)
                yield from self._thought(text)
            case Annotation():
                yield {"annotations": [_annotation(delta, self._before)]}
            case Call():
                yield from self._end_of_thoughts()
                yield from self._call(delta)
            case Finish():
                yield from self._end_of_thoughts()

    def _thought(self, text: str) -> Iterator[dict[str, Any]]:
        match self._head.reasoning:
            case ReasoningStyle.FIELD:
                yield {"reasoning_content": text}
            case ReasoningStyle.TAGS if not self._has_content:
                # Clients know the tags only at the very start and end of a chunk.
                yield self._aside(text if self._is_thinking else f"<think>\n{text}")
                self._is_thinking = True

    def _end_of_thoughts(self) -> Iterator[dict[str, Any]]:
        if self._is_thinking:
            self._is_thinking = False
            yield self._aside("\n</think>")
            yield self._aside("\n\n")

    def _aside(self, text: str) -> dict[str, Any]:
        self._before += len(text)
        return {"content": text}

    def _call(self, delta: Call) -> Iterator[dict[str, Any]]:
        index, call = self._calls, delta.call
        self._calls += 1
        self._visible.feed(call.name + call.arguments)
        if self._head.legacy_calls:
            yield {"function_call": {"name": call.name, "arguments": ""}}
            yield {"function_call": {"arguments": call.arguments}}
            return
        kind, given, value = ("function", "arguments", call.arguments)
        if call.text is not None:
            kind, given, value = ("custom", "input", call.text)
        named = {"index": index, "id": call.id, "type": kind, kind: {"name": call.name, given: ""}}
        yield {"tool_calls": [named]}
        yield {"tool_calls": [{"index": index, kind: {given: value}}]}

    def _chunk(self, fields: dict[str, Any], finish: str | None = None) -> Chunk:
        choice = {"index": 0, "delta": fields, "logprobs": None, "finish_reason": finish}
        return {**self._shared, "choices": [choice]}

    def _usage(self) -> dict[str, Any]:
        thoughts = self._thoughts.count
        return usage(self._head.prompt_tokens, self._visible.count + thoughts, thoughts)


def _annotation(found: Annotation, before: int) -> dict[str, Any]:
    place = {"start_index": before + found.start, "end_index": before + found.end}
    return {
        "type": "url_citation",
        "url_citation": {"url": found.url, "title": found.title, **place},
    }
