"""The API behind nginx, started as an operator starts it: a call passes the gate, and the front
brings it to the bridge."""

import re
import signal
import threading

import pytest
import requests
from openai import OpenAI

from supervisor.front import find_nginx
from tests.browser.system import running
from tests.loop.bridge import until

pytestmark = pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed")

KEY = "sk-loop-key-of-the-operator"
QUESTION = [{"role": "user", "content": "scenario:plain"}]
LINE = r"call: {} caller=env POST /v1/chat/completions -> 200 \d+ms \d+B{}\n"


@pytest.fixture(scope="module")
def system(one_standin, tmp_path_factory):
    seam = {"GROK_CONNECT_TO": one_standin.connect_to, "GROK_CA_FILE": str(one_standin.ca_file)}
    folder = tmp_path_factory.mktemp("front")
    with running("serve", folder, AUTHORIZATION=KEY, TMPDIR=str(folder), **seam) as system:
        system.command("import", "-", "--yes", said=one_standin.accounts["super"].sso)
        until(lambda: chat(system).status_code != 503)  # the proxy looks once a second
        yield system


@pytest.fixture
def quick(standin):
    standin.control.switch(signed="off", token_delay_ms=1)
    return standin


def ask(url, key=KEY, method="POST", **options):
    headers = {"Authorization": f"Bearer {key}", **options.pop("headers", {})}
    return requests.request(method, url, headers=headers, timeout=30, **options)


def chat(system, content="scenario:plain", **more):
    body = {"model": "grok-4", "messages": [{"role": "user", "content": content}], **more}
    stream = bool(more.get("stream"))
    return ask(f"{system.url}/v1/chat/completions", json=body, stream=stream)


def test_the_same_answer_streamed_and_not_and_one_line_of_log_each(system, quick):
    with OpenAI(base_url=f"{system.url}/v1", api_key=KEY, max_retries=0, timeout=20) as client:
        chunks = list(
            client.chat.completions.create(model="grok-4", messages=QUESTION, stream=True)
        )
        raw = client.chat.completions.with_raw_response.create(model="grok-4", messages=QUESTION)
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert streamed == raw.parse().choices[0].message.content
    request_id = raw.headers["x-request-id"]
    until(lambda: re.search(LINE.format(request_id, ""), system.log_text()))
    assert not re.search(r"flow: .* POST /v1", system.log_text()), "the proxy wrote it down too"


def test_the_head_of_an_answer_says_everything_once(system, quick):
    answer = chat(system)
    assert answer.status_code == 200
    raw = [name.lower() for name in answer.raw.headers]
    assert sorted(raw) == sorted(set(raw))
    assert answer.headers["access-control-allow-origin"] == "*"
    assert not [name for name in raw if name.startswith(("x-accel", "x-mirror"))]


@pytest.mark.parametrize(
    ("path", "key", "status", "code"),
    [
        pytest.param(
            "/v1/models", "sk-wrong-key-of-nobody", 401, "invalid_api_key", id="wrong key"
        ),
        pytest.param("/v1/nothing", KEY, 404, "unknown_url", id="no such path"),
        pytest.param("/v1/a%5cb", KEY, 400, "bad_request", id="refused by the gate"),
    ],
)
def test_refusals_reach_the_caller(system, quick, path, key, status, code):
    answer = ask(system.url + path, key, "GET", headers={"Origin": "https://a.example"})
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_caller_who_leaves_frees_grok(system, quick):
    answer = chat(system, "scenario:stall", stream=True)
    seen = b""
    for piece in answer.iter_content(None):
        seen += piece
        if b"never" in seen:
            break
    answer.close()
    assert quick.control.wait_for_stream_end(1), "a caller who left still holds Grok"
    until(lambda: re.search(LINE.format(r"\w+", r" \(the client left\)"), system.log_text()))


def test_a_stop_lets_an_answer_come_to_its_end(one_standin, standin, tmp_path):
    standin.control.switch(signed="off", token_delay_ms=100)
    seam = {"GROK_CONNECT_TO": standin.connect_to, "GROK_CA_FILE": str(standin.ca_file)}
    with running("serve", tmp_path, AUTHORIZATION=KEY, TMPDIR=str(tmp_path), **seam) as system:
        system.command("import", "-", "--yes", said=standin.accounts["super"].sso)
        until(lambda: chat(system).status_code == 200)
        texts = []
        reader = threading.Thread(target=lambda: texts.append(chat(system, stream=True).text))
        reader.start()
        until(standin.control.open_streams)
        system.process.send_signal(signal.SIGTERM)
        reader.join(20)
        assert system.process.wait(20) == 0
    assert texts[0].rstrip().endswith("data: [DONE]")
