"""`system` and `messages` of Anthropic's dialect → Message values.

Results of tools stand inside of the user's messages there, and calls inside of the assistant's.
"""

from collections.abc import Iterator

from api_bridge.message_parsing import (
    call_arguments,
    parse_content,
    parse_part,
    parse_role,
    refuse_stored,
    saying_something,
)
from api_bridge.messages import FilePart, Message, Part, TextPart, ToolCall
from api_bridge.request_fields import RequestFields

_BLOCKS_OF_THE_PROVIDER = ("server_tool_use", "mcp_tool_use", "container_upload", "tool_reference")
_RESULT_OF_THE_PROVIDER = "_tool_result"
"""What the names of its results end with; those of the caller's tools are called `tool_result`."""


def parse_anthropic(body: RequestFields) -> tuple[Message, ...]:
    """All messages, the system's first; at least one must say something."""
    if not body.elements("messages"):
        body.missing("messages")
    system = parse_content(body, "system")
    messages = [Message(role="system", parts=system)] if system else []
    messages += [message for fields in body.objects("messages") for message in _messages(fields)]
    return saying_something(messages, body, "messages")


def _messages(fields: RequestFields) -> Iterator[Message]:
    """One message; what tools have answered comes before what is said about it."""
    role = parse_role(fields)
    if not isinstance(fields.get("content"), list):
        yield Message(role=role, parts=parse_content(fields))
        return
    calls: list[ToolCall] = []
    parts: list[Part] = []
    for block in fields.objects("content"):
        match block.needed_text("type"):
            case "tool_result":
                yield _result(block)
            case "tool_use":
                arguments = call_arguments(block, "input")
                name = block.needed_text("name")
                calls.append(ToolCall(block.text("id") or "", name, arguments))
            case _:
                parts += _parts(block)
    if parts or calls:
        yield Message(role=role, parts=tuple(parts), calls=tuple(calls))


def _result(block: RequestFields) -> Message:
    parts = _content(block)
    if block.flag("is_error"):
        parts = (TextPart("The tool failed:"), *parts)
    return Message(role="tool", parts=parts, call_id=block.text("tool_use_id") or "")


def _content(fields: RequestFields) -> tuple[Part, ...]:
    """Text, or a list of blocks."""
    if not isinstance(fields.get("content"), list):
        return parse_content(fields)
    return tuple(part for block in fields.objects("content") for part in _parts(block))


def _parts(block: RequestFields) -> tuple[Part, ...]:
    """What a block tells; nothing of what the provider has written for itself."""
    kind = block.needed_text("type")
    if kind in _BLOCKS_OF_THE_PROVIDER or kind.endswith(_RESULT_OF_THE_PROVIDER):
        return ()
    match kind:
        case "document":
            return _document(block)
        case "search_result":
            words = (block.text("title"), block.text("source"))
            return (*(TextPart(word) for word in words if word), *_content(block))
        case _:
            return tuple(parse_part(block))


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
            return _content(source)
        case other:
            refuse_stored(source)
            why = f"documents by '{other[:40]}' are not read here: send their content."
            return source.invalid("type", why)
