"""The bodies of requests and answers in the API's description, as JSON schemas."""

from typing import Any

type Json = dict[str, Any]


def ref(name: str) -> Json:
    """One of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(required: str, **properties: Json) -> Json:
    """An object; `required` names, with spaces between them, what it always has."""
    return {"type": "object", "required": required.split(), "properties": properties}


def list_of(items: Json) -> Json:
    """A list."""
    return {"type": "array", "items": items}


TEXT: Json = {"type": "string"}
COUNT: Json = {"type": "integer", "minimum": 0}
MAYBE_TEXT: Json = {"type": ["string", "null"]}
FLAG: Json = {"type": ["boolean", "null"]}

_MESSAGE = object_of(
    "role",
    role={"enum": ["system", "developer", "user", "assistant", "tool", "function"]},
    content={"type": ["string", "array", "null"], "items": {"type": "object"}},
    name=MAYBE_TEXT,
    tool_call_id=MAYBE_TEXT,
    tool_calls={"type": ["array", "null"], "items": {"type": "object"}},
)
_REQUEST = object_of(
    "model",
    model={**TEXT, "examples": ["grok-latest", "grok-fast", "grok-expert"]},
    messages={"type": ["array", "null"], "items": ref("Message"), "minItems": 1},
    input={
        "type": ["string", "array", "null"],
        "items": {"type": "object"},
        "description": "In place of `messages`: what some agents send, in the Responses dialect.",
    },
    stream=FLAG,
    stream_options={"type": ["object", "null"], "properties": {"include_usage": FLAG}},
    max_tokens={"type": ["integer", "null"]},
    max_completion_tokens={"type": ["integer", "null"]},
    stop={"type": ["string", "array", "null"], "items": TEXT},
    reasoning_effort=MAYBE_TEXT,
    response_format={"type": ["object", "null"]},
    tools={"type": ["array", "null"], "items": {"type": "object"}},
    tool_choice={"type": ["string", "object", "null"]},
    parallel_tool_calls=FLAG,
    functions={"type": ["array", "null"], "items": {"type": "object"}, "deprecated": True},
    function_call={"type": ["string", "object", "null"], "deprecated": True},
    n={"enum": [1, None]},
    web_search_options={"type": ["object", "null"]},
    conversation_id=MAYBE_TEXT,
    parent_message_id=MAYBE_TEXT,
    hatd=FLAG,
)
_ANSWER_MESSAGE = object_of(
    "role content refusal",
    role={"const": "assistant"},
    content=MAYBE_TEXT,
    refusal=MAYBE_TEXT,
    reasoning_content=TEXT,
    annotations=list_of({"type": "object"}),
    tool_calls=list_of({"type": "object"}),
    function_call={"type": "object"},
)
_REASON: Json = {"enum": ["stop", "length", "tool_calls", "content_filter", "function_call"]}
_CHOICE = object_of(
    "index message finish_reason logprobs",
    index=COUNT,
    message=_ANSWER_MESSAGE,
    finish_reason=_REASON,
    logprobs={"type": "null"},
)
_COMPLETION = object_of(
    "id object created model choices usage",
    id=TEXT,
    object={"const": "chat.completion"},
    created=COUNT,
    model=TEXT,
    choices=list_of(_CHOICE),
    usage=object_of(
        "prompt_tokens completion_tokens total_tokens",
        prompt_tokens=COUNT,
        completion_tokens=COUNT,
        total_tokens=COUNT,
    ),
    conversation_id=TEXT,
    message_id=TEXT,
)
_MODEL = object_of("id object created owned_by", id=TEXT, object={"const": "model"}, created=COUNT)
_ERROR = object_of(
    "error",
    error=object_of(
        "message type param code",
        message=TEXT,
        type=TEXT,
        param=MAYBE_TEXT,
        code=MAYBE_TEXT,
    ),
)

_RESPONSE_REQUEST = object_of(
    "model input",
    model={**TEXT, "examples": ["grok-latest", "grok-fast", "grok-expert"]},
    input={"type": ["string", "array"], "items": {"type": "object"}},
    instructions=MAYBE_TEXT,
    previous_response_id=MAYBE_TEXT,
    stream=FLAG,
    store=FLAG,
    max_output_tokens={"type": ["integer", "null"]},
    reasoning={"type": ["object", "null"]},
    text={"type": ["object", "null"]},
    tools={"type": ["array", "null"], "items": {"type": "object"}},
    tool_choice={"type": ["string", "object", "null"]},
    parallel_tool_calls=FLAG,
)
_RESPONSE = object_of(
    "id object created_at status model output",
    id=TEXT,
    object={"const": "response"},
    created_at=COUNT,
    status={"enum": ["completed", "incomplete"]},
    model=TEXT,
    output=list_of({"type": "object"}),
    usage={"type": "object"},
)
_MESSAGES_REQUEST = object_of(
    "model messages",
    model={**TEXT, "examples": ["claude-sonnet-4-5", "grok-latest"]},
    messages={"type": "array", "items": {"type": "object"}, "minItems": 1},
    system={"type": ["string", "array", "null"], "items": {"type": "object"}},
    max_tokens={"type": ["integer", "null"]},
    stream=FLAG,
    stop_sequences={"type": ["array", "null"], "items": TEXT},
    tools={"type": ["array", "null"], "items": {"type": "object"}},
    tool_choice={"type": ["object", "null"]},
)
_MESSAGES_ANSWER = object_of(
    "id type role model content stop_reason usage",
    id=TEXT,
    type={"const": "message"},
    role={"const": "assistant"},
    model=TEXT,
    content=list_of({"type": "object"}),
    stop_reason=TEXT,
    stop_sequence=MAYBE_TEXT,
    usage={"type": "object"},
)
_IMAGE_REQUEST = object_of(
    "prompt",
    prompt=TEXT,
    model=MAYBE_TEXT,
    n={"type": ["integer", "null"], "minimum": 1, "maximum": 4},
    response_format={"enum": ["url", "b64_json", None]},
    size=MAYBE_TEXT,
    stream=FLAG,
    images={"type": ["array", "null"], "items": object_of("image_url", image_url=TEXT)},
)
_IMAGES = object_of(
    "created data",
    created=COUNT,
    data=list_of(object_of("revised_prompt", url=TEXT, b64_json=TEXT)),
)
_ANTHROPIC_ERROR = object_of(
    "type error",
    type={"const": "error"},
    error=object_of("type message", type=TEXT, message=TEXT),
)

SCHEMAS: Json = {
    "ChatRequest": _REQUEST,
    "Message": _MESSAGE,
    "ChatCompletion": _COMPLETION,
    "ResponseRequest": _RESPONSE_REQUEST,
    "Response": _RESPONSE,
    "MessagesRequest": _MESSAGES_REQUEST,
    "MessagesAnswer": _MESSAGES_ANSWER,
    "ImageRequest": _IMAGE_REQUEST,
    "Images": _IMAGES,
    "TokenCount": object_of("input_tokens", input_tokens=COUNT),
    "Model": _MODEL,
    "Error": _ERROR,
    "AnthropicError": _ANTHROPIC_ERROR,
}
