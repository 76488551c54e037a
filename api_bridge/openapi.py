"""The API described for machines: `/v1/openapi.json`, written down here and checked by a fuzzer.

Only what a caller may rely on; fields that are accepted and ignored are left to `docs/api.md`.
"""

from api_bridge.openapi_schemas import SCHEMAS, TEXT, Json, list_of, object_of, ref


def _answer(description: str, schema: Json, **more: Json) -> Json:
    content = {"application/json": {"schema": schema}, **more}
    return {"description": description, "content": content}


_FAILURES = (400, 401, 403, 404, 405, 413, 415, 429, 500, 502, 503, 504)


def _errors(name: str = "Error") -> Json:
    return {str(status): {"$ref": f"#/components/responses/{name}"} for status in _FAILURES}


_HEALTH: Json = {
    "operationId": "health",
    "security": [],
    "responses": {"200": _answer("It is up; needs no key.", object_of("status", status=TEXT))},
}


def document(base_path: str) -> Json:
    """The whole description; `base_path` is where the API stands on this mirror."""
    models = object_of("object data", object={"const": "list"}, data=list_of(ref("Model")))
    name = {"name": "model", "in": "path", "required": True, "schema": {**TEXT, "minLength": 1}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Grok Mirror", "version": "1"},
        "servers": [{"url": base_path}],
        "security": [{"bearer": []}, {"x-api-key": []}, {"api-key": []}],
        "paths": {
            "/chat/completions": {
                "post": _asking("createChatCompletion", "ChatRequest", "ChatCompletion")
            },
            "/responses": {"post": _asking("createResponse", "ResponseRequest", "Response")},
            "/messages": {
                "post": _asking(
                    "createMessage", "MessagesRequest", "MessagesAnswer", "AnthropicError"
                )
            },
            "/messages/count_tokens": {
                "post": _asking("countTokens", "MessagesRequest", "TokenCount", "AnthropicError")
            },
            "/images/generations": {
                "post": _asking("createImage", "ImageRequest", "Images"),
            },
            "/images/edits": {"post": _asking("editImage", "ImageRequest", "Images")},
            "/models": {"get": _reading("listModels", "The models of this key.", models)},
            "/models/{model}": {
                "parameters": [name],
                "get": _reading("retrieveModel", "One model.", ref("Model")),
            },
            "/health": {"get": _HEALTH},
        },
        "components": _COMPONENTS,
    }


def _asking(operation: str, asked: str, answered: str, refused: str = "Error") -> Json:
    return {
        "operationId": operation,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref(asked)}},
        },
        "responses": {
            "200": _answer(
                "The answer; a stream of server-sent events when `stream` is true.",
                ref(answered),
                **{"text/event-stream": {"schema": TEXT}},
            ),
            **_errors(refused),
        },
    }


def _reading(operation: str, description: str, schema: Json) -> Json:
    return {
        "operationId": operation,
        "responses": {"200": _answer(description, schema), **_errors()},
    }


_COMPONENTS: Json = {
    "securitySchemes": {
        "bearer": {"type": "http", "scheme": "bearer"},
        "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
    },
    "schemas": SCHEMAS,
    "responses": {
        name: _answer("What went wrong.", ref(name)) for name in ("Error", "AnthropicError")
    },
}
