"""Whatever is sent, the answer is one of those we know: never an accident, always the envelope."""

import json
from string import printable
from typing import Any

from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.api_bridge.fake_grok import KEY, FakeGrok, said
from tests.api_bridge.recordings import json_values
from tests.api_bridge.test_app import CHAT, client_of
from tests.api_bridge.test_chat_request import NAMES, WORDS

FIELDS = (
    "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n",
    "stop", "temperature", "response_format", "tools", "tool_choice", "parallel_tool_calls",
    "functions", "function_call", "reasoning_effort", "reasoning", "web_search_options",
    "modalities", "user", "prompt_cache_key", "conversation_id", "parent_message_id", "hatd",
    "input", "instructions", "text", "logit_bias", "metadata",
)  # fmt: skip
HEADER = st.text(printable.strip() + "\xe9 ", max_size=30)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["Content-Type", "Accept", "Origin", "X-OpenWebUI-Chat-Id", "anthropic-version",
         "Access-Control-Request-Method", "Access-Control-Request-Headers", "x-mirror-origin"]
    ),
    HEADER,
)  # fmt: skip


def checked(response: TestResponse) -> TestResponse:
    """An answer, or an error in one of the two envelopes."""
    assert response.status_code in (200, 204, 400, 401, 404, 405, 413)
    if response.status_code >= 400:
        error = json.loads(response.get_data() or b'{"error": {"message": "HEAD"}}')["error"]
        assert error["message"]
    else:
        assert b'"error":{' not in response.get_data()
    return response


def client() -> FlaskClient:
    return client_of(FakeGrok([said('{"name": ', '"look"}')]))


def post(body: bytes, headers: dict[str, str]) -> TestResponse:
    return checked(client().post(CHAT, data=body, headers={"x-api-key": KEY, **headers}))


@given(st.dictionaries(st.sampled_from(FIELDS), json_values(NAMES, WORDS)), st.booleans())
def test_any_value_in_any_field(fields: dict[str, Any], is_plausible: bool) -> None:
    plain = {"model": "grok-4", "messages": [{"role": "user", "content": "Hi"}]}
    body = {**fields, **plain} if is_plausible else {**plain, **fields}
    post(json.dumps(body).encode(), {})


@given(json_values(NAMES, WORDS))
def test_any_json(value: object) -> None:
    assert post(json.dumps(value).encode(), {}).status_code == 400


@given(st.binary(max_size=200), HEADERS)
def test_any_bytes_with_any_headers(body: bytes, headers: dict[str, str]) -> None:
    assert post(body, headers).status_code == 400


@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"]),
    st.lists(st.sampled_from(["v1", "models", "chat", "completions", "health", "..", "", "ü%2F"])),
    HEADERS,
)
def test_any_path_with_any_method(method: str, words: list[str], headers: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {KEY}", **headers}
    path = "/" + "/".join(words)  # by the environment: the client would take // for a host
    environ = {"PATH_INFO": path.encode().decode("latin-1")}
    checked(client().open(method=method, headers=headers, environ_overrides=environ))
