"""The API described for machines: `/v1/openapi.json`, written down here and checked by a fuzzer.

Only what a caller may rely on; fields that are accepted and ignored are left to `docs/api.md`.
"""

from typing import Any

type Json = dict[str, Any]


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(description: str, schema: Json, **more: Json) -> Json:
    content = {"application/json": {"schema": schema}, **more}
    return {"description": description, "content": content}


def _object(required: str, **properties: Json) -> Json:
    return {"type": "object", "required": required.split(), "properties": properties}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


_TEXT: Json = {"type": "string"}
_COUNT: Json = {"type": "integer", "minimum": 0}
_MAYBE_TEXT: Json = {"type": ["string", "null"]}
_FLAG: Json = {"type": ["boolean", "null"]}

_ERRORS: Json = {
    str(status): {"$ref": "#/components/responses/Error"}
    for status in (400, 401, 403, 404, 405, 413, 415, 429, 500, 502, 503, 504)
}

_MESSAGE = _object(
    "role",
    role={"enum": ["system", "developer", "user", "assistant", "tool", "function"]},
    content={"type": ["string", "array", "null"], "items": {"type": "object"}},
    name=_MAYBE_TEXT,
    tool_call_id=_MAYBE_TEXT,
    tool_calls={"type": ["array", "null"], "items": {"type": "object"}},
)
_REQUEST = _object(
    "model",
    model={**_TEXT, "examples": ["grok-latest", "grok-fast", "grok-expert"]},
    messages={"type": ["array", "null"], "items": _ref("Message"), "minItems": 1},
    input={
        "type": ["string", "array", "null"],
        "items": {"type": "object"},
        "description": "In place of `messages`: what some agents send, in the Responses dialect.",
    },
    stream=_FLAG,
    stream_options={"type": ["object", "null"], "properties": {"include_usage": _FLAG}},
    max_tokens={"type": ["integer", "null"]},
    max_completion_tokens={"type": ["integer", "null"]},
    stop={"type": ["string", "array", "null"], "items": _TEXT},
    reasoning_effort=_MAYBE_TEXT,
    response_format={"type": ["object", "null"]},
    tools={"type": ["array", "null"], "items": {"type": "object"}},
    tool_choice={"type": ["string", "object", "null"]},
    parallel_tool_calls=_FLAG,
    functions={"type": ["array", "null"], "items": {"type": "object"}, "deprecated": True},
    function_call={"type": ["string", "object", "null"], "deprecated": True},
    n={"enum": [1, None]},
    web_search_options={"type": ["object", "null"]},
    conversation_id=_MAYBE_TEXT,
    parent_message_id=_MAYBE_TEXT,
    hatd=_FLAG,
)
_ANSWER_MESSAGE = _object(
    "role content refusal",
    role={"const": "assistant"},
    content=_MAYBE_TEXT,
    refusal=_MAYBE_TEXT,
    reasoning_content=_TEXT,
    annotations=_list({"type": "object"}),
    tool_calls=_list({"type": "object"}),
    function_call={"type": "object"},
)
_REASON: Json = {"enum": ["stop", "length", "tool_calls", "content_filter", "function_call"]}
_CHOICE = _object(
    "index message finish_reason logprobs",
    index=_COUNT,
    message=_ANSWER_MESSAGE,
    finish_reason=_REASON,
    logprobs={"type": "null"},
)
_COMPLETION = _object(
    "id object created model choices usage",
    id=_TEXT,
    object={"const": "chat.completion"},
    created=_COUNT,
    model=_TEXT,
    choices=_list(_CHOICE),
    usage=_object(
        "prompt_tokens completion_tokens total_tokens",
        prompt_tokens=_COUNT,
        completion_tokens=_COUNT,
        total_tokens=_COUNT,
    ),
    conversation_id=_TEXT,
    message_id=_TEXT,
)
_MODEL = _object("id object created owned_by", id=_TEXT, object={"const": "model"}, created=_COUNT)
_ERROR = _object(
    "error",
    error=_object(
        "message type param code",
        message=_TEXT,
        type=_TEXT,
        param=_MAYBE_TEXT,
        code=_MAYBE_TEXT,
    ),
)

_CHAT: Json = {
    "operationId": "createChatCompletion",
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _ref("ChatRequest")}},
    },
    "responses": {
        "200": _answer(
            "The answer; a stream of server-sent events when `stream` is true.",
            _ref("ChatCompletion"),
            **{"text/event-stream": {"schema": _TEXT}},
        ),
        **_ERRORS,
    },
}

_HEALTH: Json = {
    "operationId": "health",
    "security": [],
    "responses": {"200": _answer("It is up; needs no key.", _object("status", status=_TEXT))},
}


def document(base_path: str) -> Json:
    """The whole description; `base_path` is where the API stands on this mirror."""
    models = _object("object data", object={"const": "list"}, data=_list(_ref("Model")))
    name = {"name": "model", "in": "path", "required": True, "schema": {**_TEXT, "minLength": 1}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Grok Mirror", "version": "1"},
        "servers": [{"url": base_path}],
        "security": [{"bearer": []}, {"x-api-key": []}, {"api-key": []}],
        "paths": {
            "/chat/completions": {"post": _CHAT},
            "/models": {"get": _reading("listModels", "The models of this key.", models)},
            "/models/{model}": {
                "parameters": [name],
                "get": _reading("retrieveModel", "One model.", _ref("Model")),
            },
            "/health": {"get": _HEALTH},
        },
        "components": _COMPONENTS,
    }


def _reading(operation: str, description: str, schema: Json) -> Json:
    return {"operationId": operation, "responses": {"200": _answer(description, schema), **_ERRORS}}


_COMPONENTS: Json = {
    "securitySchemes": {
        "bearer": {"type": "http", "scheme": "bearer"},
        "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
    },
    "schemas": {
        "ChatRequest": _REQUEST,
        "Message": _MESSAGE,
        "ChatCompletion": _COMPLETION,
        "Model": _MODEL,
        "Error": _ERROR,
    },
    "responses": {"Error": _answer("What went wrong.", _ref("Error"))},
}
