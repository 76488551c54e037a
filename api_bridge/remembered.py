"""Answers of the Responses interface, for a request that goes on from one (`previous_response_id`).

Kept in memory only, for the caller who got them, and no longer than there is room.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from api_bridge.answer_head import Chunk
from api_bridge.chat_request import ChatRequest
from api_bridge.errors import BadRequestError
from api_bridge.messages import FilePart, ImagePart, Message, TextPart, ToolCall
from api_bridge.ports import Caller
from api_bridge.request_fields import RequestFields

MOST_CHARACTERS = 32 * 2**20
"""Of all that is kept; what was asked longest ago makes room."""


@dataclass(frozen=True, slots=True)
class _Talk:
    """A conversation up to an answer."""

    messages: tuple[Message, ...]
    sticky: str
    size: int


class Remembered:
    """May be used by any thread or greenlet."""

    def __init__(self, most_characters: int = MOST_CHARACTERS) -> None:
        self._most = most_characters
        self._talks: OrderedDict[tuple[str, str], _Talk] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def continued(self, asked: ChatRequest, caller: Caller) -> ChatRequest:
        """The request with all that was said before; BadRequestError when that is forgotten."""
        previous = RequestFields.of(asked.fields).text("previous_response_id")
        if not previous:
            return asked
        with self._lock:
            talk = self._talks.get((_name(caller), previous))
        if talk is None:
            raise BadRequestError(
                f"Previous response with id '{previous[:80]}' not found: answers are remembered for"
                " a while only. Send the whole conversation in 'input'.",
                "previous_response_id",
                "previous_response_not_found",
            )
        return replace(asked, messages=(*talk.messages, *asked.messages), sticky=talk.sticky)

    def noted(self, events: Iterable[Chunk], asked: ChatRequest, caller: Caller) -> Iterator[Chunk]:
        """The same events; the conversation is kept once its answer is complete."""
        for event in events:
            is_last = event.get("type") in ("response.completed", "response.incomplete")
            if is_last and event["response"]["store"]:
                self._keep(event["response"], asked, _name(caller))
            yield event

    def _keep(self, response: Chunk, asked: ChatRequest, caller: str) -> None:
        said = tuple(message for message in asked.messages if message.role != "system")
        messages = (*said, _message(response["output"]))
        talk = _Talk(messages, asked.sticky, sum(map(_size, messages)))
        if talk.size > self._most:
            return
        with self._lock:
            self._talks[caller, response["id"]] = talk
            self._size += talk.size
            while self._size > self._most:
                _, oldest = self._talks.popitem(last=False)
                self._size -= oldest.size


def _name(caller: Caller) -> str:
    """Tells every caller from every other, those with tokens of their own included."""
    digest = hashlib.sha256(caller.sso_token.encode()).hexdigest() if caller.sso_token else ""
    return f"{caller.name} {digest}"


def _message(output: list[Chunk]) -> Message:
    """The answer as the assistant's message."""
    texts, calls = list[str](), list[ToolCall]()
    for item in output:
        match item["type"]:
            case "message":
                texts += [part["text"] for part in item["content"]]
            case "function_call":
                calls.append(ToolCall(item["call_id"], item["name"], item["arguments"]))
            case "custom_tool_call":
                calls.append(ToolCall.with_text(item["call_id"], item["name"], item["input"]))
    parts = tuple(map(TextPart, texts))
    return Message(role="assistant", parts=parts, calls=tuple(calls))


def _size(message: Message) -> int:
    calls = sum(len(call.name) + len(call.arguments) for call in message.calls)
    return len(message.text) + calls + sum(map(_attached, message.attachments))


def _attached(part: ImagePart | FilePart) -> int:
    return len(part.url) if isinstance(part, ImagePart) else len(part.data_url)
