"""Every scenario of the stand-in through the API: over each transport, streamed and whole."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from standin.refusals import REFUSAL_NAMES
from standin.scenarios import SCRIPTS
from tests.loop.bridge import TRANSPORTS
from tests.running_mirror import add_account, running_mirror

KEY = "sk-loop-key-for-both-transports"
TOOL = {"type": "function", "function": {"name": "look"}}
BEFORE_A_WORD = {"empty", "limit", *REFUSAL_NAMES}
"""Scenarios that fail before anything is said."""
NOT_INSIDE_A_SOCKET = {"cf", "not_found", "signed_out"}
"""Refusals that come as the answer to its handshake, or not at all."""
AFTER_WORDS = {"cut"}
NEVER_ENDS = {"stall"}
ANSWERED = sorted(set(SCRIPTS) - BEFORE_A_WORD - AFTER_WORDS - NEVER_ENDS)


@pytest.fixture(scope="module", params=TRANSPORTS)
def mirror(request, one_standin, tmp_path_factory):
    environ = {
        "GROK_CONNECT_TO": one_standin.connect_to,
        "GROK_CA_FILE": str(one_standin.ca_file),
        "AUTHORIZATION": KEY,
        "CHAT_TRANSPORT": request.param,
        "ACCOUNT_CONCURRENCY": "60",
    }
    folder = tmp_path_factory.mktemp(request.param)
    with running_mirror(folder, environ, with_sidecar=True) as running:
        for name in ("super", "heavy"):
            account = one_standin.accounts[name]
            running.account_ids[name] = add_account(account.sso, name, account.user_id)
        running.wait_for_accounts(2)
        yield running


@pytest.fixture(autouse=True)
def quick(standin):
    standin.control.switch(signed="off", token_delay_ms=1, gap_s=0.2)
    return standin


@pytest.fixture
def own(standin):
    """A key whose failures are held against no account of the pool."""
    return standin.accounts["spare"].sso


def ask(mirror, scenario, key=KEY, **more):
    content = f'scenario:{scenario} write: {{"name":"look","arguments":{{"at":"sea"}}}}'
    body = {"model": "grok-expert", "messages": [{"role": "user", "content": content}], **more}
    if scenario == "call":
        body["tools"] = [TOOL]
    if scenario == "json":
        body["response_format"] = {"type": "json_object"}
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{mirror.url}/v1/chat/completions"
    return requests.post(url, json=body, headers=headers, timeout=60)


def frames(text) -> Iterator[dict]:
    for block in text.split("\n\n"):
        if block.startswith("data: {"):
            yield json.loads(block[6:])


def put_together(text) -> dict:
    """A stream's message, as a client adds it up."""
    whole = {"content": "", "reasoning_content": "", "annotations": [], "finish_reason": None}
    arguments = ""
    for choice in (choice for frame in frames(text) for choice in frame["choices"]):
        delta = choice["delta"]
        for name in ("content", "reasoning_content"):
            whole[name] += delta.get(name) or ""
        whole["annotations"] += delta.get("annotations", [])
        for call in delta.get("tool_calls", []):
            arguments += call["function"]["arguments"]
        whole["finish_reason"] = choice["finish_reason"] or whole["finish_reason"]
    return {**whole, "arguments": arguments}


def in_one_piece(body) -> dict:
    (choice,) = body["choices"]
    message = choice["message"]
    calls = message.get("tool_calls", [])
    return {
        "content": message["content"] or "",
        "reasoning_content": message.get("reasoning_content", ""),
        "annotations": message["annotations"],
        "finish_reason": choice["finish_reason"],
        "arguments": "".join(call["function"]["arguments"] for call in calls),
    }


def without_names(answer: dict) -> dict:
    """An image's address is new each time."""
    return {**answer, "content": re.sub(r"/v1/images/[^)]+", "/v1/images/x", answer["content"])}


@pytest.mark.parametrize("scenario", ANSWERED)
def test_the_same_answer_streamed_and_not(mirror, scenario):
    streamed, whole = ask(mirror, scenario, stream=True), ask(mirror, scenario)
    assert (streamed.status_code, whole.status_code) == (200, 200)
    assert streamed.text.endswith("data: [DONE]\n\n")
    ours = without_names(put_together(streamed.text))
    assert ours == without_names(in_one_piece(whole.json()))
    assert ours["content"] or ours["arguments"]
    assert "<grok:" not in ours["content"]


@pytest.mark.parametrize("scenario", sorted(BEFORE_A_WORD))
def test_a_failure_is_the_same_status_streamed_and_not(mirror, quick, own, scenario):
    if mirror.settings.chat_transport == "mgw" and scenario in NOT_INSIDE_A_SOCKET:
        quick.control.switch(websocket_refusal=scenario)
    found = [ask(mirror, scenario, own, stream=stream) for stream in (True, False)]
    streamed, whole = found
    assert streamed.status_code == whole.status_code >= 400
    assert streamed.json()["error"]["code"] == whole.json()["error"]["code"]
    assert all(answer.headers["content-type"] == "application/json" for answer in found)


@pytest.mark.parametrize("scenario", sorted(AFTER_WORDS))
def test_a_failure_after_words_is_never_a_clean_end(mirror, own, scenario):
    streamed, whole = ask(mirror, scenario, own, stream=True), ask(mirror, scenario, own)
    assert (streamed.status_code, whole.status_code) == (200, 502)
    *said, last = frames(streamed.text)
    assert said
    assert set(last) == {"error"}
    assert last["error"]["code"] == whole.json()["error"]["code"] == "upstream_cut"
    assert "[DONE]" not in streamed.text


def test_fifty_streams_of_all_kinds_at_once_each_end_well(mirror, quick):
    wanted = {
        scenario: put_together(ask(mirror, scenario, stream=True).text) for scenario in ANSWERED
    }

    def one(number):
        scenario = ANSWERED[number % len(ANSWERED)]
        answer = ask(mirror, scenario, stream=True, user=f"person {number}")
        same = without_names(put_together(answer.text)) == without_names(wanted[scenario])
        return same, answer.text.endswith("data: [DONE]\n\n")

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(one, range(50))) == {(True, True)}
    assert quick.control.wait_for_stream_end()
