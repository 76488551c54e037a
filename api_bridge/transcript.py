"""Flattens a conversation into the one message that Grok gets.

A lone question stays as it was written. Otherwise each message gets a heading with its role; what
must hold for the answer (tools, JSON) comes first and is repeated last.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from api_bridge import json_output, tool_prompt
from api_bridge.chat_request import ChatRequest
from api_bridge.messages import FilePart, Message, Part, TextPart
from api_bridge.request_fields import clean

_NOT_IN_A_NAME = re.compile(r"[\[\]\s]+")
"""It could end the heading and begin another one."""
_GO_ON = "Continue this conversation: write the next [assistant] message only, without its heading."


def flatten(request: ChatRequest, nonce: str) -> str:
    """The prompt; `nonce` is new in every request and unknown to everybody else."""
    asked = new_messages(request)
    messages = _with_places(asked)
    if len(asked) == 1 and asked[0].role == "user" and not request.tool_use.is_on:
        has_several = len(asked[0].attachments) > 1
        blocks = [messages[0].text if has_several else asked[0].text or messages[0].text]
    else:
        blocks = [_GO_ON, *_blocks(request, messages, nonce)]
    # Schemas come in as they are, with whatever JSON can spell.
    return clean("\n\n".join([*blocks, *_last_words(request, nonce)]))


def new_messages(request: ChatRequest) -> tuple[Message, ...]:
    """All of them; in a conversation that Grok remembers, those since its last answer."""
    if not request.conversation_id:
        return request.messages
    answers = (i for i, m in enumerate(request.messages[:-1]) if m.role == "assistant")
    return request.messages[max(answers, default=-1) + 1 :]


def follow_up(text: str, answer: str, complaint: str) -> str:
    """The prompt once more, with the answer that was not good enough and what is wrong with it."""
    return f"{text}\n\n[assistant]\n{answer}\n\n[user]\n{complaint}"


def _blocks(request: ChatRequest, messages: tuple[Message, ...], nonce: str) -> Iterator[str]:
    if request.tool_use.is_on:
        yield f"[system]\n{tool_prompt.rules(request.tool_use, nonce)}"
    names = {call.id: call.name for message in request.messages for call in message.calls}
    for message in messages:
        if not message.is_empty:
            yield _block(message, names, nonce)


def _block(message: Message, names: dict[str, str], nonce: str) -> str:
    if message.role == "tool":
        name = message.name or names.get(message.call_id, "")
        return tool_prompt.result_text(message.call_id, name, message.text, nonce)
    name = _NOT_IN_A_NAME.sub(" ", message.name)[:64].strip()
    heading = f"[{message.role}: {name}]" if name else f"[{message.role}]"
    calls = [tool_prompt.call_text(call, nonce) for call in message.calls]
    return "\n".join([heading, *filter(None, [message.text]), *calls])


def _with_places(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The messages with a word in each place where a file stood: the files themselves travel beside
    the prompt, and images are named there by their number."""
    numbers = count(1)
    has_several = sum(len(message.attachments) for message in messages) > 1

    def place(part: Part) -> TextPart:
        if isinstance(part, TextPart):
            return part
        number = next(numbers)
        if isinstance(part, FilePart):
            return TextPart(f"[attached file: {part.name}]" if part.name else "[attached file]")
        return TextPart(f"[attached image {number}]" if has_several else "[attached image]")

    return tuple(replace(each, parts=tuple(map(place, each.parts))) for each in messages)


def _last_words(request: ChatRequest, nonce: str) -> Iterator[str]:
    if request.tool_use.is_on:
        yield tool_prompt.reminder(request.tool_use, nonce)
    if request.json_format and not (request.tool_use.is_on and request.tool_use.mode == "required"):
        yield json_output.instruction(request.json_format)
