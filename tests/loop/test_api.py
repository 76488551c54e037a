"""The API on the whole system: real clients, the real proxy and sidecar, a stand-in for Grok."""

import asyncio
import http.client
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
import requests
from openai import APIStatusError, AsyncOpenAI, AuthenticationError, OpenAI, RateLimitError
from pydantic import BaseModel

import db
from core.api_key import KeyRules
from standin.server import Standin
from tests.loop.bridge import until
from tests.running_mirror import RunningMirror, add_account, running_mirror

KEY = "sk-loop-key-of-the-operator"
OTHER_KEY = "sk-loop-second-key"
QUESTION = [{"role": "user", "content": "scenario:plain"}]
ASK = {"model": "grok-4", "messages": QUESTION}
TOOL = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {}}}},
}


@pytest.fixture(scope="module")
def mirror(
    one_standin: Standin, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningMirror]:
    with api_mirror(one_standin, tmp_path_factory.mktemp("api")) as running:
        yield running


@contextmanager
def api_mirror(standin, folder, **more):
    environ = {
        "GROK_CONNECT_TO": standin.connect_to,
        "GROK_CA_FILE": str(standin.ca_file),
        "AUTHORIZATION": f"{KEY}, {OTHER_KEY}",
        **more,
    }
    with running_mirror(folder, environ, with_sidecar=True) as mirror:
        for name in ("super", "heavy"):
            account = standin.accounts[name]
            mirror.account_ids[name] = add_account(account.sso, name, account.user_id)
        mirror.wait_for_accounts(2)
        yield mirror


@pytest.fixture
def quick(standin):
    standin.control.switch(signed="off", token_delay_ms=1)
    return standin


@pytest.fixture
def openai(mirror, quick):
    with OpenAI(base_url=f"{mirror.url}/v1", api_key=KEY, max_retries=0, timeout=20) as client:
        yield client


def post(mirror, body, key=KEY, path="/v1/chat/completions", **headers):
    authorization = {"Authorization": f"Bearer {key}"} if key else {}
    return requests.post(
        mirror.url + path, json=body, headers={**authorization, **headers}, timeout=30
    )


def error_of(answer):
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    return answer.status_code, answer.json()["error"]["code"]


# -- OpenAI's library -----------------------------------------------------------------------------


def test_the_same_answer_streamed_and_not(openai):
    whole = openai.chat.completions.create(**ASK)
    chunks = list(openai.chat.completions.create(**ASK, stream=True))
    streamed = "".join(c.choices[0].delta.content or "" for c in chunks)
    assert whole.choices[0].message.content == streamed == "Hello 👋"
    assert (whole.choices[0].finish_reason, chunks[-1].choices[0].finish_reason) == ("stop",) * 2
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
    assert whole._request_id


async def test_the_asynchronous_client(mirror, quick):
    async with AsyncOpenAI(base_url=f"{mirror.url}/v1", api_key=KEY, timeout=20) as client:
        whole, stream = await asyncio.gather(
            client.chat.completions.create(**ASK),
            client.chat.completions.create(**ASK, stream=True),
        )
        streamed = [c.choices[0].delta.content or "" async for c in stream]
    assert whole.choices[0].message.content == "".join(streamed) == "Hello 👋"


async def test_the_asynchronous_helpers(mirror, quick):
    harbour = [{"role": "user", "content": 'scenario:json write: {"name": "Hanko", "depth": 7}'}]
    async with AsyncOpenAI(base_url=f"{mirror.url}/v1", api_key=KEY, timeout=20) as client:
        raw = await client.chat.completions.with_raw_response.create(**ASK)
        asked = {"model": "grok-4", "messages": harbour, "response_format": Harbour}
        parsed = await client.chat.completions.parse(**asked)
        async with client.chat.completions.stream(**asked) as stream:
            kinds = {event.type async for event in stream}
            final = await stream.get_final_completion()
        models = [model.id async for model in client.models.list()]
    assert raw.headers["x-request-id"]
    assert raw.parse().choices[0].message.content == "Hello 👋"
    assert parsed.choices[0].message.parsed == final.choices[0].message.parsed
    assert "content.done" in kinds
    assert "grok-4" in models


def test_thoughts(openai):
    asked = {"model": "grok-expert", "messages": [{"role": "user", "content": "scenario:think"}]}
    message = openai.chat.completions.create(**asked).choices[0].message
    assert message.content == "It is 42."
    assert "6 times 7" in message.model_extra["reasoning_content"]


def test_a_tool_is_called_and_its_result_used(openai):
    messages = [
        {
            "role": "user",
            "content": 'scenario:call write: {"name":"weather","arguments":{"city":"汉科"}}',
        }
    ]
    asked = {"model": "grok-4", "tools": [TOOL], "messages": messages}
    first = openai.chat.completions.create(**asked).choices[0]
    with openai.chat.completions.stream(**asked) as stream:
        streamed = stream.get_final_completion().choices[0]
    assert first.finish_reason == streamed.finish_reason == "tool_calls"
    (call,) = first.message.tool_calls
    (other,) = streamed.message.tool_calls
    assert call.function.name == other.function.name == "weather"
    assert json.loads(call.function.arguments) == {"city": "汉科"}
    assert call.function.arguments == other.function.arguments
    messages += [
        first.message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "18 °C"},
    ]
    last = openai.chat.completions.create(**asked).choices[0]
    assert (last.message.content, last.finish_reason) == ("The tool said: 18 °C.", "stop")


class Harbour(BaseModel):
    name: str
    depth: int


def test_parse_gives_an_object(openai):
    content = 'scenario:json write: {"name": "Hanko", "depth": 7}'
    found = openai.chat.completions.parse(
        model="grok-4", messages=[{"role": "user", "content": content}], response_format=Harbour
    )
    assert found.choices[0].message.parsed == Harbour(name="Hanko", depth=7)


def test_models(openai):
    assert "grok-latest" in [model.id for model in openai.models.list()]
    assert openai.models.retrieve("xai/grok-4:latest").id == "xai/grok-4:latest"
    with pytest.raises(APIStatusError) as unknown:
        openai.models.retrieve("no/such")
    assert (unknown.value.status_code, unknown.value.code) == (404, "model_not_found")


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
def test_curl_as_in_the_readme(mirror, quick):
    body = json.dumps({**ASK, "stream": True})
    url = f"{mirror.url}/v1/chat/completions"
    headers = [f"Authorization: Bearer {KEY}", "Content-Type: application/json"]
    command = ["curl", "-sN", url, "-H", headers[0], "-H", headers[1], "-d", body]
    printed = subprocess.run(command, capture_output=True, timeout=20, check=True).stdout.decode()
    assert printed.startswith(": ok\n\ndata: {")
    assert printed.endswith("data: [DONE]\n\n")


def test_fifty_streams_at_once_each_end_well(mirror, quick):
    def stream(number):
        asked = {"model": "grok-4", "messages": [{"role": "user", "content": f"number-{number}"}]}
        text = post(mirror, {**asked, "stream": True}).text
        return f"number-{number}" in content_of(text), text.endswith("data: [DONE]\n\n")

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(stream, range(50))) == {(True, True)}
    assert quick.control.wait_for_stream_end()


def content_of(text):
    frames = [json.loads(f[6:]) for f in text.split("\n\n") if f.startswith("data: {")]
    return "".join(c["delta"].get("content") or "" for f in frames for c in f["choices"])


# -- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        f"Bearer {KEY}",
        f"bearer  {OTHER_KEY}",
        f"x-api-key: {KEY}",
        f"api-key: {KEY}",
    ],
)
def test_a_key_may_be_shown_in_several_ways(mirror, header):
    name, _, value = header.rpartition(": ")
    answer = requests.get(f"{mirror.url}/v1/models", headers={name or "AUTHORIZATION": value})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "key",
    [
        "", "None", "null", KEY[:-1], KEY.upper(), f"{KEY},{OTHER_KEY}", "gm_" + "x" * 43,
        "a.b.c", "eyJub3QiOiJhIHRva2VuIn0.eyJhIjoxfQ.c2lnbmF0dXJl", "ü",
    ],
)  # fmt: skip
def test_a_wrong_key_never_leaves_the_machine(mirror, quick, key):
    quick.control.forget_requests()
    answer = post(mirror, ASK, key=None, authorization=f"Bearer {key}".encode())
    assert error_of(answer) == (401, "invalid_api_key")
    assert quick.control.requests() == []
    assert not key or len(key) < 5 or key not in mirror.log_text()


def test_a_raw_token_uses_its_own_account_and_leaves_no_trace(mirror, quick):
    spare = quick.accounts["spare"]
    answer = post(mirror, ASK, key=spare.sso)
    assert answer.json()["choices"][0]["message"]["content"] == "Hello 👋"
    until(quick.control.ended_streams)
    assert [stream.account for stream in quick.control.ended_streams()] == ["spare"]
    assert spare.sso not in [account.sso_token for account in db.load_accounts()]
    assert spare.sso not in mirror.log_text()
    assert spare.sso not in answer.text


def test_a_browser_on_another_site_may_call(mirror, quick):
    origin = {"Origin": "https://chat.example"}
    asked = {
        **origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,x-stainless-os",
    }
    preflight = requests.options(f"{mirror.url}/v1/chat/completions", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Headers"] == "authorization,x-stainless-os"
    answer = post(mirror, ASK, **origin)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    refused = post(mirror, ASK, key="wrong", **origin)
    assert refused.headers["Access-Control-Allow-Origin"] == "*"


# -- what a key may -------------------------------------------------------------------------------


@pytest.fixture
def make_key(mirror, quick):
    made = []

    def make(**rules):
        key, text = db.add_api_key(f"key {len(made)}", KeyRules(**rules), time.time())
        made.append(key)
        return text

    yield make
    for key in made:
        db.delete_api_key(key.id)


def test_a_key_is_held_to_its_models_and_days(mirror, make_key):
    key = make_key(models=("grok-fast",), day_limit=1)
    shown = requests.get(f"{mirror.url}/v1/models", headers={"x-api-key": key}).json()["data"]
    assert [model["id"] for model in shown] == ["grok-fast"]
    assert error_of(post(mirror, ASK, key)) == (403, "model_not_allowed")
    assert post(mirror, {**ASK, "model": "grok-fast"}, key).status_code == 200
    with (
        OpenAI(base_url=f"{mirror.url}/v1", api_key=key) as client,
        pytest.raises(RateLimitError) as over,
    ):
        client.chat.completions.create(**{**ASK, "model": "grok-fast"})
    assert over.value.code == "insufficient_quota"
    assert over.value.response.headers["x-should-retry"] == "false"


def test_a_key_is_switched_off_at_once(mirror, make_key):
    key = make_key()
    assert post(mirror, ASK, key).status_code == 200
    found = db.find_api_key(key)
    assert found
    assert found.last_used_at is not None
    db.set_api_key_enabled(found.id, enabled=False)
    with (
        pytest.raises(AuthenticationError),
        OpenAI(base_url=f"{mirror.url}/v1", api_key=key) as client,
    ):
        client.models.list()


def test_a_minute_is_counted_once_however_many_call_at_the_same_time(mirror, make_key):
    key = make_key(per_minute=5)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: post(mirror, ASK, key).status_code, range(16)))
    assert (answers.count(200), answers.count(429)) == (5, 11)


def test_a_place_is_freed_when_a_stream_ends_and_when_its_caller_leaves(mirror, quick, make_key):
    key = make_key(concurrency=1)
    for _ in range(3):
        assert post(mirror, {**ASK, "stream": True}, key).status_code == 200
    with stalled(mirror, key):
        refused = post(mirror, ASK, key)
        assert error_of(refused) == (429, "rate_limit_exceeded")
        assert refused.headers["Retry-After"] == "2"
    assert quick.control.wait_for_stream_end(1), "a caller who left still holds Grok"
    assert post(mirror, ASK, key).status_code == 200


def stalled(mirror, key=KEY, stream=True):
    """A request whose answer never ends; leaving the block hangs up."""
    messages = [{"role": "user", "content": "scenario:stall"}]
    connection = socket.create_connection(mirror.wiring.proxy_listen)
    body = json.dumps({"model": "grok-4", "messages": messages, "stream": stream}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)
    seen = b""
    while stream and b"never" not in seen:
        seen += connection.recv(65536)
    return connection


def test_a_caller_who_leaves_before_his_whole_answer_frees_grok(mirror, quick):
    with stalled(mirror, stream=False):
        deadline = time.monotonic() + 5
        while not quick.control.open_streams():
            assert time.monotonic() < deadline
    assert quick.control.wait_for_stream_end(1)


# -- the shape of it ------------------------------------------------------------------------------


def test_every_error_is_json_with_the_four_keys(mirror, quick):
    url, headers = mirror.url, {"x-api-key": KEY}
    assert error_of(requests.get(f"{url}/v1/nothing", headers=headers)) == (404, "unknown_url")
    wrong_method = requests.delete(f"{url}/v1/chat/completions", headers=headers)
    assert error_of(wrong_method) == (405, "method_not_allowed")
    assert "POST" in wrong_method.headers["Allow"]
    no_json = requests.post(f"{url}/v1/chat/completions", data=b"{", headers=headers)
    assert error_of(no_json) == (400, "invalid_json")
    hidden = requests.get(f"{url}/v1/models/..%2f..%2fapi%2flogin", headers=headers)
    assert error_of(hidden) == (400, "bad_request")
    assert "x-request-id" in no_json.headers


def test_a_body_may_be_large_but_not_endless(mirror, quick):
    def ask(size):
        padding = {"role": "user", "content": "x" * size}
        return post(mirror, {**ASK, "messages": [padding, *QUESTION]})

    assert ask(5 * 2**20).status_code != 413
    assert error_of(ask(33 * 2**20))[0] == 413


def test_a_body_of_unknown_length_is_refused_as_json_too(mirror, quick):
    with socket.create_connection(mirror.wiring.proxy_listen, timeout=10) as sock:
        sock.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %b"
            b"\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            % (mirror.wiring.proxy_listen[1], KEY.encode())
        )
        piece = b"100000\r\n" + b"x" * 2**20 + b"\r\n"
        with suppress(OSError):  # it need not take more than it allows
            for _ in range(33):
                sock.sendall(piece)
        head, _, body = sock.recv(65536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert b"content-type: application/json" in head.lower()
    assert b"access-control-allow-origin: *" in head.lower()
    assert set(json.loads(body)["error"]) == {"message", "type", "param", "code"}


def test_a_refusal_of_groks_is_a_status(mirror, quick):
    asked = {"model": "grok-4", "messages": [{"role": "user", "content": "scenario:limit"}]}
    own = quick.accounts["spare"].sso  # whose rest concerns nobody else
    for stream in (True, False):
        answer = post(mirror, {**asked, "stream": stream}, own)
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    "path",
    [
        "/v1//chat/completions",
        "/chat/completions",
        "/chat/completions/",
        "//v1/chat/completions",
        "//chat/completions",
    ],
)
def test_base_urls_that_are_a_little_off(mirror, quick, path):
    assert post(mirror, ASK, path=path).status_code == 200


def test_health_and_the_head_that_clients_open_with(mirror):
    assert requests.get(f"{mirror.url}/health").json() == {"status": "ok"}
    assert requests.head(f"{mirror.url}/").status_code < 500


def test_a_request_may_wait_for_leave_to_send_its_body(mirror, quick):
    connection = http.client.HTTPConnection(*mirror.wiring.proxy_listen, timeout=10)
    body = json.dumps(ASK).encode()
    headers = {"x-api-key": KEY, "Expect": "100-continue"}
    connection.request("POST", "/v1/chat/completions", body, headers)
    assert connection.getresponse().status == 200
    connection.close()


# -- other settings -------------------------------------------------------------------------------


def test_behind_a_prefix_it_is_nowhere_else(quick, tmp_path):
    with api_mirror(quick, tmp_path, MIRROR_API_PREFIX="/a-long/word/") as mirror:
        assert post(mirror, ASK, path="/a-long/word/v1/chat/completions").status_code == 200
        assert requests.head(f"{mirror.url}/a-long/word/").status_code == 200
        for path in ("/v1/chat/completions", "/chat/completions", "/word/v1/chat/completions"):
            assert error_of(post(mirror, ASK, path=path)) == (404, "not_found")
        model = f"{mirror.url}/a-long/word/v1/models/xai%2Fgrok-4"
        assert requests.get(model, headers={"x-api-key": KEY}).json()["id"] == "xai/grok-4"


def test_switched_off_there_is_none(quick, tmp_path):
    with api_mirror(quick, tmp_path, ENABLE_MIRROR_API="false") as mirror:
        assert error_of(post(mirror, ASK)) == (404, "not_found")
        assert requests.get(f"{mirror.url}/v1/models").status_code == 404


def test_strangers_with_tokens_are_counted_by_address(quick, tmp_path):
    token = quick.accounts["free"].sso
    asked = {**ASK, "model": "grok-fast"}

    def call(number):
        claims = {"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"}
        return post(mirror, asked, f"{token}{number:02}", **claims).status_code

    with api_mirror(quick, tmp_path) as mirror, ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(call, range(40)))
    assert answers.count(429) >= 10, "thirty a minute, whatever they say of where they are"
