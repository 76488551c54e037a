"""Deltas → OpenAI's chat completion chunks."""

from collections.abc import Iterable, Iterator
from typing import Any

from api_bridge.answer_head import PATIENCE, Chunk, Head, ReasoningStyle
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
from api_bridge.usage import Tally


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
        self._tally = Tally(head.prompt_tokens)

    def write(self, delta: Delta) -> Iterator[Chunk]:
        if isinstance(delta, Ids):
            self._shared |= self._head.told(delta)
            return
        self._tally.note(delta)
        if not self._has_begun:
            self._has_begun = True
            yield self._chunk({"role": "assistant", "content": ""})
        for fields in self._fields(delta):
            yield self._chunk(fields)
        if isinstance(delta, Finish):
            is_legacy = self._head.legacy_calls and delta.reason == "tool_calls"
            yield self._chunk({}, "function_call" if is_legacy else delta.reason)
            if self._head.include_usage:
                yield {**self._shared, "choices": [], "usage": self._tally.openai()}

    def _fields(self, delta: Delta) -> Iterator[dict[str, Any]]:
        """The `delta` objects that one delta becomes."""
        match delta:
            case Content(text) if text:
                yield from self._end_of_thoughts()
                self._has_content = True
                yield {"content": text}
            case Reasoning(text):
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
        if self._head.legacy_calls:
            yield {"function_call": {"name": call.name, "arguments": ""}}
            yield {"function_call": {"arguments": call.arguments}}
            return
        kind = "function" if call.text is None else "custom"
        given, value = call.given
        named = {"index": index, "id": call.id, "type": kind, kind: {"name": call.name, given: ""}}
        yield {"tool_calls": [named]}
        yield {"tool_calls": [{"index": index, kind: {given: value}}]}

    def _chunk(self, fields: dict[str, Any], finish: str | None = None) -> Chunk:
        choice = {"index": 0, "delta": fields, "logprobs": None, "finish_reason": finish}
        return {**self._shared, "choices": [choice]}


def _annotation(found: Annotation, before: int) -> dict[str, Any]:
    place = {"start_index": before + found.start, "end_index": before + found.end}
    return {
        "type": "url_citation",
        "url_citation": {"url": found.url, "title": found.title, **place},
    }
