"""The items of a Responses answer: each as it grows, with the events that tell of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from api_bridge.deltas import Annotation
from api_bridge.messages import ToolCall

type Told = tuple[str, dict[str, Any]]
"""The name of an event behind `response.`, and its fields."""


class Item(Protocol):
    """One entry of the output."""

    @property
    def id(self) -> str: ...

    def value(self, status: str) -> dict[str, Any]:
        """The item, as far as it has come."""
        ...

    def began(self) -> Iterator[Told]: ...

    def ended(self) -> Iterator[Told]: ...


@dataclass
class MessageItem:
    """The text."""

    id: str
    pieces: list[str] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)

    def value(self, status: str) -> dict[str, Any]:
        content = [] if status == "in_progress" else [self._part()]
        fields = {"type": "message", "role": "assistant", "content": content}
        return {"id": self.id, **fields, "status": status}

    def began(self) -> Iterator[Told]:
        yield "content_part.added", {"content_index": 0, "part": self._part()}

    def said(self, text: str) -> Told:
        self.pieces.append(text)
        return "output_text.delta", {"content_index": 0, "delta": text, "logprobs": []}

    def sourced(self, found: Annotation) -> Told:
        place = {"start_index": found.start, "end_index": found.end}
        value = {"type": "url_citation", "url": found.url, "title": found.title, **place}
        self.annotations.append(value)
        fields = {"content_index": 0, "annotation_index": len(self.annotations) - 1}
        return "output_text.annotation.added", {**fields, "annotation": value}

    def ended(self) -> Iterator[Told]:
        text = "".join(self.pieces)
        yield "output_text.done", {"content_index": 0, "text": text, "logprobs": []}
        yield "content_part.done", {"content_index": 0, "part": self._part()}

    def _part(self) -> dict[str, Any]:
        fields = {"annotations": list(self.annotations), "logprobs": []}
        return {"type": "output_text", "text": "".join(self.pieces), **fields}


@dataclass
class ThoughtsItem:
    """Thoughts, as the one part of a summary."""

    id: str
    pieces: list[str] = field(default_factory=list)

    def value(self, status: str) -> dict[str, Any]:
        summary = [] if status == "in_progress" else [self._part()]
        return {"id": self.id, "type": "reasoning", "summary": summary}

    def began(self) -> Iterator[Told]:
        yield "reasoning_summary_part.added", {"summary_index": 0, "part": self._part()}

    def said(self, text: str) -> Told:
        self.pieces.append(text)
        return "reasoning_summary_text.delta", {"summary_index": 0, "delta": text}

    def ended(self) -> Iterator[Told]:
        yield "reasoning_summary_text.done", {"summary_index": 0, "text": "".join(self.pieces)}
        yield "reasoning_summary_part.done", {"summary_index": 0, "part": self._part()}

    def _part(self) -> dict[str, Any]:
        return {"type": "summary_text", "text": "".join(self.pieces)}


@dataclass
class CallItem:
    """A call of a tool, complete from the beginning."""

    id: str
    call: ToolCall

    def value(self, status: str) -> dict[str, Any]:
        name, text = self.call.given
        text = "" if status == "in_progress" else text
        kind = "function_call" if self.call.text is None else "custom_tool_call"
        fields = {"type": kind, "call_id": self.call.id, "name": self.call.bare_name, name: text}
        if self.call.namespace:
            fields["namespace"] = self.call.namespace
        return {"id": self.id, **fields, "status": status}

    def began(self) -> Iterator[Told]:
        name, text = self.call.given
        event = "function_call_arguments" if name == "arguments" else "custom_tool_call_input"
        yield f"{event}.delta", {"delta": text}
        yield f"{event}.done", {name: text}

    def ended(self) -> Iterator[Told]:
        return iter(())
