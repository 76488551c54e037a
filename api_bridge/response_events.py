"""Deltas → the events of OpenAI's Responses; the last of them holds the answer as a whole."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api_bridge.answer_head import Chunk, Head, ReasoningStyle
from api_bridge.deltas import (
    Annotation,
    Call,
    Content,
    Delta,
    Finish,
    FinishReason,
    Reasoning,
)
from api_bridge.errors import BridgeError, api_error
from api_bridge.event_writer import EventWriter
from api_bridge.response_output import CallItem, Item, MessageItem, ThoughtsItem, Told

_INCOMPLETE: Mapping[FinishReason, str] = {
    "length": "max_output_tokens",
    "content_filter": "content_filter",
}
REPEATED: Mapping[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "store": True,
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
    "truncation": "disabled",
}
"""Of the request, and what stands there when it says nothing."""


def events(deltas: Iterable[Delta], head: Head) -> Iterator[Chunk]:
    """All events, each with its name as `type`."""
    return _Writer(head).events(deltas)


def failure(error: BridgeError, said: Mapping[str, Any], head: Head) -> Iterator[Chunk]:
    """How a stream that has begun ends when it cannot go on; `said` has the latest value of each
    field of its events, and none when there were only signs of life."""
    told = api_error(error)
    begun = [] if said else list(_Writer(head).begin())
    yield from begun
    said = begun[-1] if begun else said
    number, reason = said["sequence_number"], {"code": told.code, "message": told.message}
    response = {**said["response"], "status": "failed", "error": reason}
    yield {"type": "response.failed", "sequence_number": number + 1, "response": response}
    yield {"type": "error", "sequence_number": number + 2, **reason, "param": told.param}


def fold(found: Iterable[Chunk]) -> Chunk:
    """The answer as a whole."""
    response: Chunk = {}
    for event in found:
        response = event.get("response", response)
    return response


class _Writer(EventWriter):
    def __init__(self, head: Head) -> None:
        super().__init__(head)
        self._number = 0
        self._output: list[dict[str, Any]] = []
        self._open: Item | None = None

    def begin(self) -> Iterator[Chunk]:
        for name in ("created", "in_progress"):
            yield self._event(name, {"response": self._response("in_progress")})

    def _told(self, delta: Delta) -> Iterator[Chunk]:
        match delta:
            case Content(text) if text:
                yield from self._grown(MessageItem, "msg", text)
            case Reasoning(text) if self._head.reasoning is not ReasoningStyle.HIDDEN:
                yield from self._grown(ThoughtsItem, "rs", text)
            case Annotation() if isinstance(self._open, MessageItem):
                yield self._of_item(self._open.sourced(delta))
            case Call(call):
                yield from self._began(CallItem(self._name("call"), call))
                yield from self._closed()
            case Finish(reason):
                yield from self._closed("incomplete" if reason in _INCOMPLETE else "completed")
                yield self._end(reason)

    def _grown(
        self, kind: type[MessageItem | ThoughtsItem], prefix: str, text: str
    ) -> Iterator[Chunk]:
        """More of the item that is open, or of a new one of this kind."""
        item = self._open
        if not isinstance(item, kind):
            item = kind(self._name(prefix))
            yield from self._began(item)
        yield self._of_item(item.said(text))

    def _began(self, item: Item) -> Iterator[Chunk]:
        yield from self._closed()
        self._open = item
        yield self._of_output("output_item.added", item.value("in_progress"))
        for told in item.began():
            yield self._of_item(told)

    def _closed(self, status: str = "completed") -> Iterator[Chunk]:
        if item := self._open:
            for told in item.ended():
                yield self._of_item(told)
            value = item.value(status)
            yield self._of_output("output_item.done", value)
            self._output.append(value)
            self._open = None

    def _name(self, kind: str) -> str:
        """Of the item that comes next."""
        return f"{kind}_{self._head.id.partition('_')[2]}_{len(self._output) + bool(self._open)}"

    def _of_item(self, told: Told) -> Chunk:
        assert self._open
        name, fields = told
        return self._event(
            name, {"item_id": self._open.id, "output_index": len(self._output), **fields}
        )

    def _of_output(self, name: str, value: dict[str, Any]) -> Chunk:
        return self._event(name, {"output_index": len(self._output), "item": value})

    def _event(self, name: str, fields: dict[str, Any]) -> Chunk:
        event = {"type": f"response.{name}", "sequence_number": self._number, **fields}
        self._number += 1
        return event

    def _end(self, reason: FinishReason) -> Chunk:
        missing = _INCOMPLETE.get(reason)
        status = "incomplete" if missing else "completed"
        response = self._response(status) | {"usage": self._tally.responses()}
        if missing:
            response["incomplete_details"] = {"reason": missing}
        return self._event(status, {"response": response})

    def _response(self, status: str) -> dict[str, Any]:
        asked = self._head.repeated
        repeated = {
            name: default if asked.get(name) is None else asked[name]
            for name, default in REPEATED.items()
        }
        return {
            "id": self._head.id,
            "object": "response",
            "created_at": self._head.created,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "model": self._head.model,
            "output": list(self._output),
            **repeated,
            "usage": None,
            **self._ids,
        }
