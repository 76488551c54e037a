"""`input` of the Responses dialect → Message values.

Cursor's agent sends this shape to /chat/completions as well. Kinds of items that are unknown, or
that mean nothing without a stored response, are skipped.
"""

import json

from api_bridge.message_parsing import (
    call_arguments,
    parse_content,
    parse_role,
    saying_something,
)
from api_bridge.messages import Message, Part, TextPart, ToolCall
from api_bridge.request_fields import RequestFields, clean, wrong_type
from api_bridge.tools import in_namespace


def response_messages(body: RequestFields) -> tuple[Message, ...]:
    """Those of a request to the Responses interface itself."""
    if body.get("background") is True:
        body.invalid("background", "nobody can come back for an answer.", "unsupported_value")
    if body.has("conversation"):
        why = "conversations are not kept here: send 'previous_response_id', or all of it."
        body.invalid("conversation", why, "unsupported_value")
    return parse_input(body)


def parse_input(body: RequestFields) -> tuple[Message, ...]:
    """`instructions` and all items; at least one must say something."""
    if not body.has("input"):
        body.missing("input")
    messages = list(_instructions(body))
    given = body.get("input")
    if isinstance(given, str):
        messages.append(Message(role="user", parts=(TextPart(clean(given)),)))
    else:
        for item in body.objects("input"):
            messages += _item(item)
    return saying_something(messages, body, "input")


def _instructions(body: RequestFields) -> list[Message]:
    text = body.text("instructions")
    return [Message(role="system", parts=(TextPart(text),))] if text else []


def _item(item: RequestFields) -> list[Message]:
    match item.text("type") or "message":
        case "message":
            return [Message(role=parse_role(item), parts=parse_content(item))]
        case "function_call":
            arguments = call_arguments(item, "arguments")
            return [_calling(ToolCall(_call_id(item), _called(item), arguments))]
        case "custom_tool_call":
            text = item.text("input") or ""
            return [_calling(ToolCall.with_text(_call_id(item), _called(item), text))]
        case "function_call_output" | "custom_tool_call_output":
            call_id = item.text("call_id") or ""
            return [Message(role="tool", call_id=call_id, parts=_output(item))]
        case _:
            return []


def _call_id(item: RequestFields) -> str:
    return item.text("call_id") or item.text("id") or ""


def _called(item: RequestFields) -> str:
    return in_namespace(item.text("namespace") or "", item.needed_text("name"))


def _calling(call: ToolCall) -> Message:
    return Message(role="assistant", calls=(call,))


def _output(item: RequestFields) -> tuple[Part, ...]:
    output = item.get("output")
    if isinstance(output, dict):
        return (TextPart(clean(json.dumps(output, ensure_ascii=False))),)
    if output is not None and not isinstance(output, str | list):
        wrong_type(item.at("output"), "a string", output)
    return parse_content(item, "output")
