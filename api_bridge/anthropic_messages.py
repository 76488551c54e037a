"""`system` and `messages` of Anthropic's dialect → Message values.

Results of tools stand inside of the user's messages there, and calls inside of the assistant's.
"""

import json
from collections.abc import Iterator

from api_bridge.message_parsing import parse_content, parse_part, parse_role
from api_bridge.messages import FilePart, Message, Part, TextPart, ToolCall
from api_bridge.request_fields import RequestFields, clean

_SERVERS_OWN = ("server_tool_use", "mcp_tool_use", "_tool_result", "container_upload", "fallback")
"""Beginnings and ends of the names of blocks that Anthropic's server writes for itself."""


def parse_anthropic(body: RequestFields) -> tuple[Message, ...]:
    """All messages, the system's first; at least one must say something."""
    if not body.elements("messages"):
        body.missing("messages")
    system = Message(role="system", parts=parse_content(body, "system"))
    messages = [system, *(m for fields in body.objects("messages") for m in _messages(fields))]
    if all(message.is_empty for message in messages):
        body.invalid("messages", "all messages are empty.")
    return tuple(message for message in messages if message is not system or message.parts)


def _messages(fields: RequestFields) -> Iterator[Message]:
    """One message; what tools have answered comes before what is said about it."""
    role = parse_role(fields)
    if not isinstance(fields.get("content"), list):
        yield Message(role=role, parts=parse_content(fields))
        return
    parts: list[Part] = []
    calls: list[ToolCall] = []
    for block in fields.objects("content"):
        match block.needed_text("type"):
            case "tool_result":
                yield _result(block)
            case "tool_use":
                calls.append(_call(block))
            case "document":
                parts += _document(block)
            case kind if not _is_servers_own(kind):
                parts += parse_part(block)
    if parts or calls:
        yield Message(role=role, parts=tuple(parts), calls=tuple(calls))


def _is_servers_own(kind: str) -> bool:
    return kind.startswith(_SERVERS_OWN) or kind.endswith(_SERVERS_OWN)


def _result(block: RequestFields) -> Message:
    parts = parse_content(block)
    if block.flag("is_error"):
        parts = (TextPart("The tool failed:"), *parts)
    return Message(role="tool", parts=parts, call_id=block.text("tool_use_id") or "")


def _call(block: RequestFields) -> ToolCall:
    given = block.fields("input")
    arguments = clean(json.dumps(given.values if given else {}, ensure_ascii=False))
    return ToolCall(block.text("id") or "", block.needed_text("name"), arguments)


def _document(block: RequestFields) -> tuple[Part, ...]:
    source = block.fields("source") or block.missing("source")
    name = block.text("title") or ""
    match source.needed_text("type"):
        case "base64":
            kind = source.text("media_type") or "application/pdf"
            return (FilePart(f"data:{kind};base64,{source.needed_text('data')}", name),)
        case "text":
            title = (TextPart(name),) if name else ()
            return (*title, TextPart(source.needed_text("data")))
        case "content":
            return parse_content(source)
        case other:
            why = f"documents by '{other[:40]}' are not read here: send their content."
            return source.invalid("type", why)
