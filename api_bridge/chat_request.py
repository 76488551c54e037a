"""A request of any dialect as one frozen value: every field read once, here, or refused with its
path. The dialects differ in their messages; other fields mean the same wherever they are known.

Fields that mean nothing for Grok are accepted whatever they hold; unknown fields never matter.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from api_bridge.json_output import JsonFormat, parse_json_format
from api_bridge.message_parsing import parse_messages
from api_bridge.messages import Message
from api_bridge.models import ModelChoice, ModelTable
from api_bridge.request_fields import RequestFields, refuse_deep_nesting
from api_bridge.response_items import parse_input
from api_bridge.stickiness import sticky_key
from api_bridge.tools import NO_TOOLS, ToolUse, parse_tool_use

type ReadMessages = Callable[[RequestFields], tuple[Message, ...]]

_NO_MODELS = ModelTable()
_ID = re.compile(r"[\w-]{1,100}", re.ASCII)


def chat_messages(fields: RequestFields) -> tuple[Message, ...]:
    """`messages`; or `input`, which some agents send to the chat completions."""
    if not fields.has("messages") and fields.has("input"):
        return parse_input(fields)
    return parse_messages(fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """What a caller wants answered, and how."""

    model: ModelChoice
    messages: tuple[Message, ...]
    stream: bool = False
    include_usage: bool = False
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    tool_use: ToolUse = NO_TOOLS
    json_format: JsonFormat | None = None
    conversation_id: str = ""
    parent_message_id: str = ""
    temporary: bool = True
    """Whether Grok is to forget the conversation; what it keeps, the caller is told the ids of."""
    sticky: str = ""
    """A hint: requests with the same value are better off on the same account."""

    @classmethod
    def parse(
        cls,
        body: object,
        models: ModelTable = _NO_MODELS,
        *,
        temporary: bool = True,
        chat: str = "",
        read_messages: ReadMessages = chat_messages,
    ) -> "ChatRequest":
        """Read any JSON value; BadRequestError for all that is no request.

        `temporary` is what holds for requests that say nothing about it; `chat` is how the client
        calls its conversation, where it says so beside the body.
        """
        refuse_deep_nesting(body)
        fields = RequestFields.of(body)
        _refuse_what_is_not_offered(fields)
        options = fields.fields("stream_options")
        messages = read_messages(fields)
        return cls(
            model=_model(fields, models),
            messages=messages,
            stream=fields.flag("stream") or False,
            include_usage=bool(options and options.flag("include_usage")),
            max_tokens=_max_tokens(fields),
            stop=tuple(filter(None, fields.texts("stop") or fields.texts("stop_sequences"))),
            tool_use=parse_tool_use(fields),
            json_format=parse_json_format(fields),
            conversation_id=_id(fields, "conversation_id"),
            parent_message_id=_id(fields, "parent_message_id"),
            temporary=_is_temporary(fields, temporary),
            sticky=sticky_key(fields, messages, chat),
        )


def _model(fields: RequestFields, models: ModelTable) -> ModelChoice:
    choice = models.resolve(fields.needed_text("model"))
    choice = choice.with_effort(fields.text("reasoning_effort") or _nested_effort(fields))
    return replace(choice, web_search=choice.web_search or fields.has("web_search_options"))


def _nested_effort(fields: RequestFields) -> str:
    """Of the Responses dialect (`reasoning`) or Anthropic's (`output_config`, `thinking`)."""
    for name in ("reasoning", "output_config"):
        nested = fields.get(name)
        if isinstance(nested, dict) and isinstance(effort := nested.get("effort"), str):
            return effort
    thinking = fields.get("thinking")
    is_asked = isinstance(thinking, dict) and thinking.get("type") == "enabled"
    return "high" if is_asked else ""


def _max_tokens(fields: RequestFields) -> int | None:
    """The newer name wins; nothing, 0 and less mean no limit."""
    names = ("max_completion_tokens", "max_tokens", "max_output_tokens")
    limits = [fields.number(name) for name in names]
    return next((limit for limit in limits if limit and limit > 0), None)


def _id(fields: RequestFields, name: str) -> str:
    """An id of Grok's, which becomes part of a path upstream."""
    value = fields.text(name) or ""
    if value and not _ID.fullmatch(value):
        fields.invalid(name, "that is not an id.")
    return value


def _is_temporary(fields: RequestFields, default: bool) -> bool:
    wanted, goes_on = fields.flag("hatd"), fields.has("conversation_id")
    if wanted and goes_on:
        why = "a temporary chat cannot be gone on with: leave out 'hatd' or 'conversation_id'."
        fields.invalid("hatd", why)
    return not goes_on and (default if wanted is None else wanted)


def _refuse_what_is_not_offered(fields: RequestFields) -> None:
    if (n := fields.number("n")) is not None and n != 1:
        fields.invalid("n", "only one answer per request is offered.", "unsupported_value")
    if "audio" in fields.texts("modalities"):
        fields.invalid("modalities", "audio output is not offered here.", "unsupported_value")
