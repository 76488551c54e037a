"""The API over HTTP: paths, keys, CORS, statuses, streams; Grok is a fake."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

import db
from api_bridge.answer_head import ReasoningStyle
from api_bridge.app import LARGEST_REQUEST, create_app
from api_bridge.chat_api import ApiOptions, Collaborators
from api_bridge.events import (
    Failed,
    FailureKind,
    Finished,
    GrokEvent,
    Image,
    Silence,
    Started,
    Text,
    Thinking,
)
from api_bridge.ports import Caller, CallerBook
from core.api_key import ApiKey, KeyRules
from tests.api_bridge.fake_grok import (
    ALICE,
    KEY,
    FakeCallers,
    FakeGrok,
    FakeImages,
    FakeOffer,
    said,
)
from tests.api_bridge.recordings import json_values
from tests.api_bridge.test_chat_request import NAMES, WORDS

CHAT = "/v1/chat/completions"
K = FailureKind


@pytest.fixture
def grok() -> FakeGrok:
    return FakeGrok([said("Hel", "lo")])


def client_of(
    grok: FakeGrok,
    caller: Caller = ALICE,
    offer: FakeOffer | None = None,
    callers: CallerBook | None = None,
    images: FakeImages | None = None,
    **options: Any,
) -> FlaskClient:
    numbers = count(1)
    others = Collaborators(
        grok=grok,
        callers=callers or FakeCallers(caller),
        images=images or FakeImages(),
        offer=offer or FakeOffer(),
        now=lambda: 1795424304.7,
        new_id=lambda: f"{next(numbers):08}",
    )
    return create_app(others, ApiOptions(**options)).test_client()


@pytest.fixture
def client(grok: FakeGrok) -> FlaskClient:
    return client_of(grok)


def ask(client: FlaskClient, path: str = CHAT, **more: object) -> TestResponse:
    body = {"model": "grok-4", "messages": [{"role": "user", "content": "Hi"}], **more}
    return client.post(path, json=body, headers={"Authorization": f"Bearer {KEY}"})


def frames(response: TestResponse) -> list[dict[str, Any]]:
    lines = response.get_data(as_text=True).split("\n\n")
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


def content(chunks: list[dict[str, Any]]) -> str:
    return "".join(c["delta"].get("content") or "" for f in chunks for c in f.get("choices", []))


# -- answers --------------------------------------------------------------------------------------


def test_a_whole_answer(client: FlaskClient, grok: FakeGrok) -> None:
    response = ask(client)
    assert (response.status_code, response.content_type) == (200, "application/json")
    body = response.get_json()
    assert body["choices"][0]["message"]["content"] == "Hello"
    assert (body["model"], body["created"]) == ("grok-4", 1795424304)
    assert body["usage"]["total_tokens"] > 0
    assert (grok.prompts, grok.callers, grok.open_turns) == (["Hi"], [ALICE], 0)


def test_a_streamed_answer(client: FlaskClient, grok: FakeGrok) -> None:
    response = ask(client, stream=True)
    assert response.status_code == 200
    assert response.content_type == "text/event-stream; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert content(frames(response)) == "Hello"
    data = response.get_data()
    assert data.startswith(b": ok\n\n")
    assert data.endswith(b"data: [DONE]\n\n")
    assert b'"usage"' not in data
    assert grok.open_turns == 0


def test_usage_is_streamed_when_asked_for(client: FlaskClient) -> None:
    last = frames(ask(client, stream=True, stream_options={"include_usage": True}))[-1]
    assert (last["choices"], last["usage"]["prompt_tokens"]) == ([], 7)


def test_tools_count_as_asked(client: FlaskClient) -> None:
    function = {"name": "look", "description": "Looks. " * 100, "parameters": {"type": "object"}}
    plain = ask(client).get_json()["usage"]["prompt_tokens"]
    tools = [{"type": "function", "function": function}]
    assert ask(client, tools=tools).get_json()["usage"]["prompt_tokens"] > plain + 100


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip"])
def test_a_packed_body_is_refused_with_the_reason(client: FlaskClient, encoding: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Encoding": encoding}
    response = client.post(CHAT, data=b"{}", headers=headers)
    error = response.get_json()["error"]
    assert (response.status_code, error["code"]) == (415, "unsupported_encoding")
    assert encoding in error["message"]


def test_words_arrive_while_grok_is_still_talking(grok: FakeGrok) -> None:
    spoken: list[str] = []

    def talk(prompt: str) -> Iterator[GrokEvent]:
        for word in ("one ", "two ", "three"):
            spoken.append(word)
            yield Text(word)
        yield Finished("r-1")

    grok.turns = [talk]
    response = ask(client_of(grok), stream=True)
    stream = response.iter_encoded()
    while b'"one "' not in next(stream):
        pass
    assert spoken == ["one "]


def test_a_caller_who_leaves_hangs_up_on_grok(grok: FakeGrok) -> None:
    def endless(prompt: str) -> Iterator[GrokEvent]:
        while True:
            yield Text("more ")

    grok.turns = [endless]
    response = ask(client_of(grok), stream=True)
    next(response.iter_encoded())
    assert grok.open_turns == 1
    response.close()
    assert grok.open_turns == 0


def test_reaching_the_budget_hangs_up_on_grok(grok: FakeGrok) -> None:
    def endless(prompt: str) -> Iterator[GrokEvent]:
        while True:
            yield Text("more ")

    grok.turns = [endless]
    choice = ask(client_of(grok), max_tokens=5).get_json()["choices"][0]
    assert (choice["finish_reason"], grok.open_turns) == ("length", 0)


def test_images_are_linked_on_the_mirror(grok: FakeGrok) -> None:
    grok.turns = [[Image("img-1", "users/u/img-1/image.jpg"), Finished("r-1")]]
    client = client_of(grok)
    body = {"model": "grok-4", "messages": [{"role": "user", "content": "Draw"}]}
    headers = {"x-api-key": KEY, "x-mirror-origin": "https://mirror.example"}
    message = client.post(CHAT, json=body, headers=headers).get_json()["choices"][0]["message"]
    assert "![image](https://mirror.example/-/image/img-1)" in message["content"]


# -- failures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("kind", "status"), [(K.EXHAUSTED, 429), (K.CAPACITY, 503), (K.SIGNED_OUT, 503)]
)
def test_a_failure_before_the_first_word_is_a_status(
    grok: FakeGrok, kind: FailureKind, status: int, stream: bool
) -> None:
    grok.turns = [[Started("c-1"), Failed(kind, "secret detail")]]
    response = ask(client_of(grok), stream=stream)
    assert (response.status_code, response.content_type) == (status, "application/json")
    assert set(response.get_json()["error"]) == {"message", "type", "param", "code"}
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert grok.open_turns == 0


def test_a_failure_after_the_first_word_is_a_frame_without_choices(grok: FakeGrok) -> None:
    grok.turns = [[Text("Half "), Failed(K.CUT)]]
    response = ask(client_of(grok), stream=True)
    *_, last = frames(response)
    assert response.status_code == 200
    assert (set(last), last["error"]["code"]) == ({"error"}, "upstream_cut")
    assert b"[DONE]" not in response.get_data()


def test_a_long_silence_does_not_hold_the_status_back_for_ever(grok: FakeGrok) -> None:
    grok.turns = [[Silence(), Silence(), Silence(), Text("At last"), Finished("r")]]
    response = ask(client_of(grok), stream=True)
    assert response.get_data().startswith(b": ok\n\n: ping\n\n: ping\n\n: ping\n\ndata: ")
    assert content(frames(response)) == "At last"


def test_a_silence_before_a_failure_is_still_a_status(grok: FakeGrok) -> None:
    grok.turns = [[Silence(), Failed(K.ANTI_BOT)]]
    response = ask(client_of(grok), stream=True)
    assert (response.status_code, response.headers["x-should-retry"]) == (503, "false")


def test_hidden_thoughts_give_the_status_at_once(grok: FakeGrok) -> None:
    grok.turns = [[Thinking("hm"), Failed(K.CUT)]]
    assert ask(client_of(grok), stream=True).status_code == 200


# -- second tries ---------------------------------------------------------------------------------

WANTED = {
    "type": "json_schema",
    "json_schema": {"name": "n", "schema": {"type": "object", "required": ["a"]}},
}
TOOL = {"type": "function", "function": {"name": "look"}}


def test_json_that_misses_the_schema_is_asked_for_once_more(grok: FakeGrok) -> None:
    grok.turns = [said('{"b": 1}'), said('{"a": 1}')]
    response = ask(client_of(grok), response_format=WANTED)
    assert response.get_json()["choices"][0]["message"]["content"] == '{"a": 1}'
    assert "'a' is a required property" in grok.prompts[1]
    assert grok.open_turns == 0


def test_thoughts_of_both_tries_are_kept_apart(grok: FakeGrok) -> None:
    grok.turns = [[Thinking("One."), *said("No.")], [Thinking("Two."), *said('{"a": 1}')]]
    message = ask(client_of(grok), response_format=WANTED).get_json()["choices"][0]["message"]
    assert message["reasoning_content"] == "One.\n\nTwo."


def test_no_tags_stand_before_json(grok: FakeGrok) -> None:
    grok.turns = [[Thinking("Hm."), *said('{"a": 1}')]]
    client = client_of(grok, reasoning=ReasoningStyle.TAGS)
    message = ask(client, response_format=WANTED).get_json()["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ('{"a": 1}', "Hm.")


def test_a_second_answer_is_final(grok: FakeGrok) -> None:
    grok.turns = [said("No."), said("Still no."), said("never asked")]
    choice = ask(client_of(grok), response_format=WANTED).get_json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Still no.", "stop")


def test_a_second_try_that_fails_leaves_the_first_answer(grok: FakeGrok) -> None:
    grok.turns = [said("No."), [Failed(K.RATE_LIMITED)]]
    choice = ask(client_of(grok), response_format=WANTED).get_json()["choices"][0]
    assert choice["message"]["content"] == "No."


def call_from(prompt: str) -> list[GrokEvent]:
    tag = prompt[prompt.index("<call-") :].partition(">")[0] + ">"
    return said("Sure. ", tag, '{"name": "look", "arguments": {"at"', ': "sea"}}', "</" + tag[1:])


def test_a_forced_call_is_asked_for_once_more(grok: FakeGrok) -> None:
    grok.turns = [said("I looked. It is calm."), call_from]
    response = ask(client_of(grok), tools=[TOOL], tool_choice="required", stream=True)
    found = frames(response)
    calls = [
        c["delta"]["tool_calls"][0]
        for f in found
        for c in f["choices"]
        if "tool_calls" in c["delta"]
    ]
    assert calls[0]["function"] == {"name": "look", "arguments": ""}
    assert calls[0]["id"].startswith("call_")
    assert json.loads(calls[1]["function"]["arguments"]) == {"at": "sea"}
    assert found[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert len(grok.prompts) == 2


def test_a_call_is_never_invented(grok: FakeGrok) -> None:
    grok.turns = [said("I looked.")]
    choice = ask(client_of(grok), tools=[TOOL], tool_choice="required").get_json()["choices"][0]
    assert (choice["finish_reason"], "tool_calls" in choice["message"]) == ("stop", False)


# -- the door -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions",
        "/chat/completions",
        "/v1//chat/completions",
        "//v1/chat/completions",
        "/v1/chat/completions/",
    ],
)
def test_chat_answers_at(client: FlaskClient, path: str) -> None:
    assert ask(client, path).status_code == 200


def test_behind_a_prefix_the_plain_paths_are_gone(grok: FakeGrok) -> None:
    client = client_of(grok, prefix="/secret/")
    assert ask(client, "/secret/v1/chat/completions").status_code == 200
    assert ask(client, "/secret/chat/completions").status_code == 200
    assert ask(client).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"bearer  {KEY} "},
        {"x-api-key": KEY},
        {"api-key": KEY},
    ],
    ids=str,
)
def test_a_key_is_read_from(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.get("/v1/models", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}], ids=str
)
@pytest.mark.parametrize("path", [CHAT, "/v1/models", "/v1/models/grok-4"])
def test_without_a_good_key_there_is_nothing(
    client: FlaskClient, grok: FakeGrok, path: str, headers: dict[str, str]
) -> None:
    response = client.open(path, method="POST" if path == CHAT else "GET", headers=headers)
    assert response.status_code == 401
    assert response.get_json()["error"]["code"] == "invalid_api_key"
    assert grok.prompts == []


def test_models_in_both_shapes(client: FlaskClient) -> None:
    headers = {"x-api-key": KEY}
    theirs = client.get("/v1/models", headers=headers).get_json()
    assert theirs["object"] == "list"
    headers["anthropic-version"] = "2023-06-01"
    other = client.get("/v1/models", headers=headers).get_json()
    assert other["data"][0]["lifecycle"] == "active"


def test_one_model_with_a_slash_in_its_name(client: FlaskClient) -> None:
    headers = {"x-api-key": KEY}
    found = client.get("/v1/models/xai%2Fgrok-4:latest", headers=headers).get_json()
    assert found["id"] == "xai/grok-4:latest"
    assert client.get("/v1/models/nobody", headers=headers).status_code == 404


def test_a_model_that_a_key_may_not_use_is_not_shown_to_it(grok: FakeGrok) -> None:
    rules = KeyRules(models=("grok-fast",))
    key = ApiKey(id=7, name="k", prefix="sk-m", rules=rules, enabled=True, created_at=0.0)
    client, headers = client_of(grok, Caller("key", "7", api_key=key)), {"x-api-key": KEY}
    assert client.get("/v1/models/grok-fast", headers=headers).status_code == 200
    refused = client.get("/v1/models/grok-expert", headers=headers)
    assert refused.status_code == 403
    assert refused.get_json()["error"]["code"] == "model_not_allowed"


@pytest.mark.parametrize("path", ["/", "/health", "/v1", "/v1/", "/v1/health"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_health_needs_no_key(client: FlaskClient, path: str, method: str) -> None:
    assert client.open(path, method=method).status_code == 200


def test_a_preflight_comes_before_keys(client: FlaskClient) -> None:
    headers = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,x-stainless-lang",
    }
    response = client.options(CHAT, headers=headers)
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Headers"] == "authorization,x-stainless-lang"


@pytest.mark.parametrize("stream", [True, False])
def test_answers_and_errors_can_be_read_by_browsers(client: FlaskClient, stream: bool) -> None:
    for response in (ask(client, stream=stream), client.get("/v1/nothing"), client.post(CHAT)):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "x-request-id" in response.headers["Access-Control-Expose-Headers"]


def test_origins_can_be_listed(grok: FakeGrok) -> None:
    client = client_of(grok, cors_origins=("https://app.example",))
    ours = client.get("/health", headers={"Origin": "https://app.example"})
    assert ours.headers["Access-Control-Allow-Origin"] == "https://app.example"
    other = client.get("/health", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other.headers


def test_an_unknown_path_is_named(client: FlaskClient) -> None:
    response = client.post("/v1/nothing")
    assert response.status_code == 404
    assert response.get_json()["error"]["message"] == "Invalid URL (POST /v1/nothing)"


def test_a_wrong_method_is_told_the_right_one(client: FlaskClient) -> None:
    response = client.get(CHAT)
    assert (response.status_code, response.headers["Allow"]) == (405, "OPTIONS, POST")
    assert response.get_json()["error"]["code"] == "method_not_allowed"


def test_every_answer_has_a_request_id(client: FlaskClient) -> None:
    assert client.get("/health").headers["x-request-id"]
    response = client.get("/v1/nothing", headers={"x-mirror-request": "req-7"})
    assert response.headers["x-request-id"] == "req-7"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"9" * 10_000, b"null", b"[]", b'{"model":"\\ud800"}'],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_a_body_that_is_no_request_is_a_client_error(
    client: FlaskClient, body: bytes, content_type: str
) -> None:
    headers = {"x-api-key": KEY}
    response = client.post(CHAT, data=body, content_type=content_type, headers=headers)
    assert response.status_code in (400, 404)
    assert response.get_json()["error"]["message"]


def test_a_good_body_needs_no_content_type(client: FlaskClient) -> None:
    body = json.dumps({"model": "grok-4", "messages": [{"role": "user", "content": "Hi"}]})
    response = client.post(CHAT, data=body, headers={"x-api-key": KEY})
    assert response.status_code == 200


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    body = b" " * (LARGEST_REQUEST + 1)
    response = client.post(CHAT, data=body, headers={"x-api-key": KEY})
    assert (response.status_code, response.get_json()["error"]["code"]) == (
        413,
        "request_too_large",
    )


def test_half_a_surrogate_pair_in_an_answer_is_no_accident(grok: FakeGrok) -> None:
    grok.turns = [said("a\ud83d", "\ude00")]
    client = client_of(grok)
    assert json.loads(ask(client).get_data())["choices"][0]["message"]["content"] == "a😀"
    assert b"\\ud83d" in ask(client, stream=True).get_data()


def test_a_conversation_can_be_gone_on_with(client: FlaskClient) -> None:
    body = ask(client, conversation_id="").get_json()
    assert (body["conversation_id"], body["message_id"]) == ("c-1", "r-1")
    assert "conversation_id" not in ask(client).get_json()


@pytest.mark.parametrize("stream", [True, False])
def test_what_grok_keeps_is_named_in_the_headers_too(client: FlaskClient, stream: bool) -> None:
    kept = ask(client, hatd=False, stream=stream).headers
    assert (kept["x-conversation-id"], kept["x-message-id"]) == ("c-1", "r-1")
    assert "x-conversation-id" not in ask(client, stream=stream).headers


def test_the_operator_may_want_conversations_kept(grok: FakeGrok) -> None:
    client = client_of(grok, temporary=False)
    assert ask(client).get_json()["conversation_id"] == "c-1"
    assert "conversation_id" not in ask(client, hatd=True).get_json()


@pytest.mark.parametrize("error", [db.DatabaseUnavailableError("locked"), RuntimeError("oh")])
def test_our_own_troubles_are_told_without_details(grok: FakeGrok, error: Exception) -> None:
    def fail(prompt: str) -> Iterator[GrokEvent]:
        raise error

    grok.turns = [fail]
    client = client_of(grok)
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    response = ask(client, stream=True)
    is_storage = isinstance(error, db.StorageError)
    assert response.status_code == (503 if is_storage else 500)
    assert response.headers.get("Retry-After") == ("5" if is_storage else None)
    assert str(error) not in response.get_json()["error"]["message"]
    assert grok.open_turns == 0


@pytest.mark.parametrize("kind", [K.SIGNED_OUT, K.BLOCKED])
def test_a_token_of_his_own_that_grok_refuses_is_a_wrong_key(
    grok: FakeGrok, kind: FailureKind
) -> None:
    grok.turns = [[Failed(kind)]]
    assert ask(client_of(grok)).status_code == 503
    own = client_of(grok, Caller("sso", sso_token="t" * 30))
    response = ask(own, stream=True)
    assert (response.status_code, response.get_json()["error"]["code"]) == (401, "invalid_api_key")
    assert "SSO token" in response.get_json()["error"]["message"]
    grok.turns = [[Failed(K.EXHAUSTED)]]
    assert ask(own).status_code == 429


def test_models_that_nobody_could_serve_are_not_listed(grok: FakeGrok) -> None:
    client = client_of(grok, offer=FakeOffer({"fast"}))
    shown = client.get("/v1/models", headers={"x-api-key": KEY}).get_json()["data"]
    assert [model["id"] for model in shown] == ["grok-fast", "grok-2"]
    assert client.get("/v1/models/grok-4", headers={"x-api-key": KEY}).status_code == 200


FIELDS = st.fixed_dictionaries(
    {"model": st.just("grok-4"), "messages": st.just([{"role": "user", "content": "Hi"}])},
    optional={
        name: json_values(NAMES, WORDS)
        for name in ("tools", "tool_choice", "response_format", "stop", "stream", "functions")
    },
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "tool", "system"])},
        optional={name: json_values(NAMES, WORDS) for name in ("content", "tool_calls", "name")},
    )
)


@pytest.mark.slow
@given(FIELDS, MESSAGES)
def test_no_request_is_an_accident(body: dict[str, Any], messages: list[object]) -> None:
    client = client_of(FakeGrok([said('{"name": "look"}')]))
    for fields in (body, {**body, "messages": messages}):
        assert ask(client, **fields).status_code in (200, 400)
