"""The port in the process it is made for: gunicorn with gevent, behind the proxy."""

import json
import re
import socket
import threading
import time

import pytest
import requests

from tests.loop.bridge import seconds_to_quiet, until
from tests.running_mirror import add_account, running_mirror

KEY = "sk-bridge-in-sidecar"


@pytest.fixture(scope="module")
def whole(one_standin, tmp_path_factory):
    environ = {
        "GROK_CONNECT_TO": one_standin.connect_to,
        "GROK_CA_FILE": str(one_standin.ca_file),
        "AUTHORIZATION": KEY,
    }
    folder = tmp_path_factory.mktemp("whole")
    with running_mirror(folder, environ, with_sidecar=True) as running:
        for name in ("super", "heavy"):
            account = one_standin.accounts[name]
            add_account(account.sso, name, account.user_id)
        running.wait_for_accounts(2)
        yield running


def body(prompt, **more):
    return {"model": "grok-4-fast", "messages": [{"role": "user", "content": prompt}], **more}


def post(whole, prompt, **more):
    return requests.post(
        f"{whole.url}/v1/chat/completions",
        json=body(prompt, **more),
        headers={"Authorization": f"Bearer {KEY}"},
        stream=bool(more.get("stream")),
        timeout=30,
    )


@pytest.mark.parametrize("model", ["grok-4-fast", "grok-4"])
def test_a_question_is_answered(whole, standin, model):
    answer = post(whole, "/plain", model=model)
    assert answer.json()["choices"][0]["message"]["content"] == "Hello 👋"


def test_many_turns_run_at_once(whole, standin):
    standin.control.switch(token_delay_ms=100)
    answers = []

    def one():
        answers.append(post(whole, "/think").json()["choices"][0]["message"]["content"])

    threads = [threading.Thread(target=one) for _ in range(20)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == ["It is 42."] * 20
    assert time.monotonic() - start < 12, "twenty turns of a second or two each"


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("prompt", ["/stall", "/slowheader"], ids=["in silence", "before a token"])
def test_a_client_who_leaves_frees_grok_within_a_second(whole, standin, stream, prompt):
    standin.control.switch(gap_s=30)
    content = json.dumps(body(prompt, stream=stream)).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {whole.url.removeprefix('http://')}\r\n"
        f"Authorization: Bearer {KEY}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection(whole.wiring.proxy_listen) as client:
        client.sendall(head.encode() + content)
        until(standin.control.open_streams)
        time.sleep(0.3)
    assert seconds_to_quiet(standin) < 1


def test_an_image_of_an_answer_can_be_opened_without_a_key(whole, standin):
    content = post(whole, "/image a red kite").json()["choices"][0]["message"]["content"]
    url = re.search(r"\((http://[^)]+/v1/images/[^)]+)\)", content)[1]
    answer = requests.get(url, timeout=10)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content.startswith(b"\x89PNG")
    missing = requests.get(re.sub("images/[^/]{9}", "images/AAAAAAAAA", url), timeout=10)
    assert missing.status_code == 404
