"""The other interfaces over HTTP: paths, keys, statuses, streams; Grok is a fake."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from api_bridge.answer_head import ReasoningStyle
from api_bridge.events import Failed, FailureKind, Finished, GrokEvent, Silence, Text, Thinking
from tests.api_bridge.fake_grok import KEY, FakeGrok, said
from tests.api_bridge.recordings import json_values
from tests.api_bridge.test_app import call_from, client_of
from tests.api_bridge.test_chat_request import NAMES, WORDS

RESPONSES, MESSAGES = "/v1/responses", "/v1/messages"
K = FailureKind
BODIES: dict[str, dict[str, Any]] = {
    RESPONSES: {"model": "grok-4", "input": "Hi"},
    MESSAGES: {
        "model": "claude-sonnet-4-5",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "Hi"}],
    },
}
BOTH = pytest.mark.parametrize("path", [RESPONSES, MESSAGES])


@pytest.fixture
def grok() -> FakeGrok:
    return FakeGrok([said("Hel", "lo")])


@pytest.fixture
def client(grok: FakeGrok) -> FlaskClient:
    return client_of(grok)


def ask(client: FlaskClient, path: str, **more: object) -> TestResponse:
    body = {**BODIES[path], **more}
    return client.post(path, json=body, headers={"x-api-key": KEY})


def events(response: TestResponse) -> list[dict[str, Any]]:
    """All events; each is named in its frame as in its data."""
    found = []
    for frame in response.get_data(as_text=True).split("\n\n"):
        if frame.startswith("event: "):
            name, data = frame.split("\n")
            found.append(json.loads(data.removeprefix("data: ")))
            assert found[-1]["type"] == name.removeprefix("event: ")
        else:
            assert frame in ("", ": ok", ": ping")
    return found


def text_of(path: str, answer: dict[str, Any]) -> str:
    parts = answer["content"] if path == MESSAGES else answer["output"][0]["content"]
    return "".join(part["text"] for part in parts)


def whole_of(path: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    if path == RESPONSES:
        last: dict[str, Any] = found[-1]["response"]
        return last
    deltas = [event["delta"]["text"] for event in found if event["type"] == "content_block_delta"]
    return {"content": [{"text": "".join(deltas)}]}


@BOTH
@pytest.mark.parametrize("suffix", ["", "/", "?beta=true"])
def test_an_answer_is_whole(client: FlaskClient, path: str, suffix: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    response = client.post(path + suffix, json=BODIES[path], headers=headers)
    assert response.status_code == 200
    assert text_of(path, response.get_json()) == "Hello"


@BOTH
def test_a_streamed_answer_is_the_same(client: FlaskClient, path: str) -> None:
    response = ask(client, path, stream=True)
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["X-Accel-Buffering"] == "no"
    assert text_of(path, whole_of(path, events(response))) == "Hello"


@BOTH
def test_a_wrong_key_and_a_wrong_body_are_told(client: FlaskClient, path: str) -> None:
    wrong = client.post(path, json=BODIES[path], headers={"x-api-key": "sk-wrong"})
    broken = client.post(path, data=b"{", headers={"x-api-key": KEY})
    unknown = ask(client, path, model="llama")
    for response, status in ((wrong, 401), (broken, 400), (unknown, 404)):
        assert response.status_code == status
        assert (response.get_json().get("type") == "error") is (path == MESSAGES)
    assert "POST" in client.get(path, headers={"x-api-key": KEY}).headers["Allow"]


@BOTH
@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_before_the_first_word_is_a_status(
    client: FlaskClient, grok: FakeGrok, path: str, stream: bool
) -> None:
    grok.turns = [[Failed(K.CAPACITY)]]
    response = ask(client, path, stream=stream)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.mimetype == "application/json"


@BOTH
def test_a_failure_in_the_middle_is_an_event(
    client: FlaskClient, grok: FakeGrok, path: str
) -> None:
    grok.turns = [[Text("Hel"), Failed(K.CUT)]]
    kinds = [event["type"] for event in events(ask(client, path, stream=True))]
    assert kinds[-1] == "error"
    assert not {"response.completed", "message_stop"} & set(kinds)
    assert ask(client, path).status_code == 502, "in one piece it is a status"


@BOTH
def test_a_failure_after_silence_only_is_an_event(
    client: FlaskClient, grok: FakeGrok, path: str
) -> None:
    grok.turns = [[Silence(), Silence(), Failed(K.CUT)]]
    assert events(ask(client, path, stream=True))[-1]["type"] == "error"


@BOTH
def test_a_client_that_leaves_frees_grok(client: FlaskClient, grok: FakeGrok, path: str) -> None:
    def endless(_prompt: str) -> Iterator[GrokEvent]:
        while True:
            yield Text("on and on ")

    grok.turns = [endless]
    body = {**BODIES[path], "stream": True}
    response = client.post(path, json=body, headers={"x-api-key": KEY}, buffered=False)
    next(response.iter_encoded())
    assert grok.open_turns == 1
    response.close()
    assert grok.open_turns == 0


TOOLS: dict[str, object] = {
    RESPONSES: {"type": "function", "name": "look", "parameters": {"type": "object"}},
    MESSAGES: {"name": "look", "input_schema": {"type": "object"}},
}


@pytest.mark.parametrize("stream", [False, True])
def test_a_function_is_called(client: FlaskClient, grok: FakeGrok, stream: bool) -> None:
    grok.turns = [call_from]
    response = ask(client, RESPONSES, tools=[TOOLS[RESPONSES]], stream=stream)
    answer = events(response)[-1]["response"] if stream else response.get_json()
    call = answer["output"][-1]
    assert call["call_id"].startswith("call_")
    assert (call["name"], json.loads(call["arguments"])) == ("look", {"at": "sea"})


def test_a_tool_is_used(client: FlaskClient, grok: FakeGrok) -> None:
    grok.turns = [call_from]
    answer = ask(client, MESSAGES, tools=[TOOLS[MESSAGES]]).get_json()
    call = answer["content"][-1]
    assert call["id"].startswith("toolu_")
    assert (call["name"], call["input"]) == ("look", {"at": "sea"})
    assert answer["stop_reason"] == "tool_use"
    found = events(ask(client, MESSAGES, tools=[TOOLS[MESSAGES]], stream=True))
    given = [e["delta"]["partial_json"] for e in found if "partial_json" in e.get("delta", {})]
    assert [json.loads(each) for each in given] == [{"at": "sea"}]
    assert found[-2]["delta"]["stop_reason"] == "tool_use"


def test_a_stop_sequence_is_named(client: FlaskClient, grok: FakeGrok) -> None:
    grok.turns = [said("one END two")]
    answer = ask(client, MESSAGES, stop_sequences=["END"]).get_json()
    assert (answer["stop_reason"], answer["stop_sequence"]) == ("stop_sequence", "END")
    assert text_of(MESSAGES, answer) == "one "


def test_thoughts_are_shown_or_hidden(grok: FakeGrok) -> None:
    grok.turns = [[Thinking("hm"), Text("a"), Finished("r-1")]]
    for style, kinds in ((ReasoningStyle.FIELD, 2), (ReasoningStyle.HIDDEN, 1)):
        client = client_of(grok, reasoning=style)
        assert len(ask(client, MESSAGES).get_json()["content"]) == kinds
        assert len(ask(client, RESPONSES).get_json()["output"]) == kinds


def test_the_conversation_is_told_by_every_interface(client: FlaskClient) -> None:
    for path, key in ((RESPONSES, "response"), (MESSAGES, "message")):
        whole = ask(client, path, conversation_id="").get_json()
        assert (whole["conversation_id"], whole["message_id"]) == ("c-1", "r-1")
        response = ask(client, path, conversation_id="", stream=True)
        assert response.headers["x-conversation-id"] == "c-1"
        assert events(response)[0][key]["conversation_id"] == "c-1"


def test_a_conversation_that_is_too_long_is_told_in_claude_codes_words(
    client: FlaskClient, grok: FakeGrok
) -> None:
    grok.turns = [[Failed(K.TOO_LONG)]]
    assert "prompt is too long" in ask(client, MESSAGES).get_json()["error"]["message"]
    assert ask(client, RESPONSES).get_json()["error"]["code"] == "context_length_exceeded"


@BOTH
@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_numbers_that_json_does_not_know_are_refused(
    client: FlaskClient, path: str, number: str
) -> None:
    text = json.dumps({**BODIES[path], "temperature": "?"}).replace('"?"', number)
    response = client.post(path, data=text, headers={"x-api-key": KEY})
    assert response.status_code == 400


def test_one_memory_serves_both_base_urls(client: FlaskClient) -> None:
    first = ask(client, RESPONSES).get_json()
    body = {**BODIES[RESPONSES], "previous_response_id": first["id"]}
    assert client.post("/responses", json=body, headers={"x-api-key": KEY}).status_code == 200


def test_a_conversation_of_openais_is_not_taken_for_one_of_ours(client: FlaskClient) -> None:
    error = ask(client, RESPONSES, conversation="conv_1").get_json()["error"]
    assert error["param"] == "conversation"


def test_tokens_are_counted_without_asking(client: FlaskClient, grok: FakeGrok) -> None:
    path = f"{MESSAGES}/count_tokens"
    headers = {"x-api-key": KEY}
    counted = client.post(path, json=BODIES[MESSAGES], headers=headers).get_json()
    assert counted["input_tokens"] == ask(client, MESSAGES).get_json()["usage"]["input_tokens"]
    assert len(grok.prompts) == 1
    assert client.post(path, json=BODIES[MESSAGES]).status_code == 401


def test_a_response_goes_on_from_another(client: FlaskClient, grok: FakeGrok) -> None:
    first = ask(client, RESPONSES).get_json()
    second = ask(client, RESPONSES, input="And now?", previous_response_id=first["id"])
    assert second.get_json()["previous_response_id"] == first["id"]
    assert "[assistant]\nHello" in grok.prompts[-1]
    unknown = ask(client, RESPONSES, previous_response_id="resp_none")
    assert unknown.get_json()["error"]["code"] == "previous_response_not_found"


def test_nobody_can_come_back_for_an_answer(client: FlaskClient) -> None:
    error = ask(client, RESPONSES, background=True).get_json()["error"]
    assert error["param"] == "background"
    assert ask(client, RESPONSES, background=False).status_code == 200


@pytest.mark.slow
@BOTH
@given(data=st.data())
def test_any_body_is_answered_or_refused(path: str, data: st.DataObject) -> None:
    client = client_of(FakeGrok([said("Hello")]))
    fields = data.draw(st.dictionaries(st.sampled_from(NAMES.split()), json_values(NAMES, WORDS)))
    response = client.post(path, json={**BODIES[path], **fields}, headers={"x-api-key": KEY})
    assert response.status_code in (200, 400, 404, 502)
