"""`messages` of a chat request → Message values, with the dialects that leak into it.

Refuses what would silently change the question: an unknown role or part is a 400 with its path.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api_bridge.messages import FilePart, ImagePart, Message, Part, Role, TextPart, ToolCall
from api_bridge.request_fields import RequestFields, clean, wrong_type

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_DROPPED = {
    "thinking", "redacted_thinking", "reasoning", "reasoning_text", "item_reference", "tool_use",
}  # fmt: skip
"""Parts that are no part of the question: other models' thoughts, calls that are told twice."""
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)


def parse_messages(body: RequestFields) -> tuple[Message, ...]:
    """All messages; at least one must say something."""
    if not body.elements("messages"):
        body.missing("messages")
    messages = [parse_message(fields) for fields in body.objects("messages")]
    return saying_something(messages, body, "messages")


def saying_something(
    messages: Sequence[Message], body: RequestFields, name: str
) -> tuple[Message, ...]:
    """The messages, unless all that was found under this name is empty."""
    if all(message.is_empty for message in messages):
        body.invalid(name, "all of it is empty.")
    return tuple(messages)


def parse_message(fields: RequestFields) -> Message:
    """One message of the chat dialect."""
    role, parts = parse_role(fields), parse_content(fields)
    return Message(
        role=role,
        parts=_without_thoughts(parts) if role == "assistant" else parts,
        name=fields.text("name") or "",
        calls=_calls(fields) if role == "assistant" else (),
        call_id=(fields.text("tool_call_id") or "") if role == "tool" else "",
    )


def _without_thoughts(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Clients send back what API_REASONING=tags has shown them."""
    match parts:
        case (TextPart(text), *rest):
            return (TextPart(_THOUGHTS.sub("", text)), *rest)
    return parts


def parse_role(fields: RequestFields) -> Role:
    """The role, by its current name."""
    role = fields.needed_text("role")
    if role not in ROLES:
        known = ", ".join(f"'{name}'" for name in ROLES)
        fields.invalid("role", f"'{role[:40]}' is none of {known}.")
    return ROLES[role]


def parse_content(fields: RequestFields, name: str = "content") -> tuple[Part, ...]:
    """Text, a list of parts, or nothing."""
    content = fields.get(name)
    if isinstance(content, str):
        return (TextPart(clean(content)),) if content else ()
    parts: list[Part] = []
    for index, element in enumerate(fields.elements(name)):
        if isinstance(element, str):
            parts.append(TextPart(clean(element)))
        else:
            parts += parse_part(RequestFields.of(element, f"{fields.at(name)}[{index}]"))
    return tuple(parts)


def parse_part(fields: RequestFields) -> list[Part]:
    """One part of a content; nothing of what is no part of the question."""
    kind = fields.needed_text("type")
    if kind in _DROPPED:
        return []
    if kind not in _PARTS:
        fields.invalid("type", f"parts of type '{kind[:40]}' are not supported.")
    return [_PARTS[kind](fields)]


def _text(fields: RequestFields) -> Part:
    return TextPart(fields.text("text") or "")


def _refusal(fields: RequestFields) -> Part:
    return TextPart(fields.text("refusal") or "")


def _image_url(fields: RequestFields) -> Part:
    """`{"image_url": {"url": …}}`, or the bare string."""
    if isinstance(fields.get("image_url"), str):
        return image_part(fields, "image_url")
    nested = fields.fields("image_url")
    if nested is None:
        refuse_stored(fields)
    return image_part(nested, "url") if nested else fields.missing("image_url")


def _anthropic_image(fields: RequestFields) -> Part:
    source = fields.fields("source") or fields.missing("source")
    if source.has("url"):
        return image_part(source, "url")
    refuse_stored(source)
    kind = source.text("media_type") or "image/png"
    return ImagePart(f"data:{kind};base64,{source.needed_text('data')}")


def refuse_stored(source: RequestFields) -> None:
    """A file that would lie with the provider."""
    for name in ("file_id", "file_url"):
        if source.has(name):
            source.invalid(name, "only content that comes with the request is read here.")


def image_part(fields: RequestFields, name: str) -> ImagePart:
    """An image by its address, or with its content in it."""
    url = fields.needed_text(name).strip()
    scheme, _, rest = url.partition(":")
    is_data = scheme.lower() == "data" and ";base64," in rest[:200].lower()
    if not is_data and scheme.lower() not in ("http", "https"):
        fields.invalid(
            name, "neither a base64 data: URL nor an http(s) address.", "invalid_image_url"
        )
    return ImagePart(url)


def _file(fields: RequestFields) -> Part:
    """`{"file": {…}}`, or the same fields without the nesting."""
    inner = fields.fields("file") or fields
    data, file_id = inner.text("file_data"), inner.text("file_id")
    if not data and not file_id:
        refuse_stored(inner)
        inner.missing("file_data")
    return FilePart(data or "", inner.text("filename") or "", file_id or "")


def _audio(fields: RequestFields) -> Part:
    fields.invalid("type", "audio input is not offered here.", "unsupported_value")


def _calls(fields: RequestFields) -> tuple[ToolCall, ...]:
    calls = [call for item in fields.objects("tool_calls") if (call := parse_call(item))]
    if not calls and (legacy := fields.fields("function_call")):
        calls = [ToolCall("", legacy.needed_text("name"), call_arguments(legacy, "arguments"))]
    return tuple(calls)


def parse_call(fields: RequestFields) -> ToolCall | None:
    """A past call; None for kinds that no tool of ours ever makes."""
    call_id = fields.text("id") or ""
    if function := fields.fields("function"):
        arguments = call_arguments(function, "arguments")
        return ToolCall(call_id, function.needed_text("name"), arguments)
    if custom := fields.fields("custom"):
        name, given = custom.needed_text("name"), custom.text("input") or ""
        return ToolCall.with_text(call_id, name, given)
    return None


def call_arguments(fields: RequestFields, name: str) -> str:
    """Arguments as JSON text; some clients send the object itself."""
    value: Any = fields.get(name)
    if value is None:
        return "{}"
    if isinstance(value, dict):
        return clean(json.dumps(value, ensure_ascii=False))
    if not isinstance(value, str):
        wrong_type(fields.at(name), "a string", value)
    return clean(value)


_PARTS: Mapping[str, Callable[[RequestFields], Part]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "refusal": _refusal,
    "image_url": _image_url,
    "input_image": _image_url,
    "image": _anthropic_image,
    "file": _file,
    "input_file": _file,
    "input_audio": _audio,
}
