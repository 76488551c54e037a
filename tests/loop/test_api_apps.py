"""Requests as well-known applications send them: their paths, headers and bodies, their CORS."""

import base64
import json

import pytest
import requests

from tests.loop.test_api import KEY, api_mirror, content_of

CHAT = "/v1/chat/completions"
PLAIN = [{"role": "user", "content": "scenario:plain"}]
BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture(scope="module")
def mirror(one_standin, tmp_path_factory):
    with api_mirror(one_standin, tmp_path_factory.mktemp("apps")) as running:
        yield running


@pytest.fixture(autouse=True)
def quick(standin):
    standin.control.switch(signed="off", token_delay_ms=1)


def post(mirror, body, path=CHAT, **headers):
    url = mirror.url + path
    return requests.post(url, json=body, headers={**BEARER, **headers}, timeout=30)


def text_of(answer):
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith("text/event-stream"):
        assert answer.text.endswith("data: [DONE]\n\n")
        return content_of(answer.text)
    return answer.json()["choices"][0]["message"]["content"]


def test_nextchat_in_a_browser(mirror):
    origin = {"Origin": "https://nextchat.example"}
    wanted = "authorization,content-type,x-requested-with"
    for path, method in ((CHAT, "POST"), ("/v1/models", "GET")):
        asked = {
            **origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": wanted,
        }
        preflight = requests.options(mirror.url + path, headers=asked, timeout=10)
        assert preflight.status_code == 204
        assert preflight.headers["Access-Control-Allow-Headers"] == wanted
        assert method in preflight.headers["Access-Control-Allow-Methods"]
    body = {
        "messages": [{"role": "system", "content": "You are ChatGPT."}, *PLAIN],
        "stream": True, "model": "grok-latest", "temperature": 0.5, "presence_penalty": 0,
        "frequency_penalty": 0, "top_p": 1,
    }  # fmt: skip
    answer = post(mirror, body, **origin, **{"x-requested-with": "XMLHttpRequest"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert text_of(answer) == "Hello 👋"


def test_lobechat_and_its_stainless_headers(mirror):
    stainless = {
        "x-stainless-lang": "js", "x-stainless-package-version": "6.49.0",
        "x-stainless-retry-count": "0", "x-stainless-timeout": "600",
        "accept": "application/json", "user-agent": "OpenAI/JS 6.49.0",
    }  # fmt: skip
    body = {
        "model": "grok-4", "messages": PLAIN, "stream": True, "user": "user_1", "top_p": 1,
        "stream_options": {"include_usage": True}, "reasoning_effort": "low",
    }  # fmt: skip
    answer = post(mirror, body, **stainless)
    assert text_of(answer) == "Hello 👋"
    assert '"choices":[],"usage":{' in answer.text


@pytest.mark.parametrize("origin", ["file://", "app://cherry", "null"])
def test_cherry_studio_from_its_own_kind_of_origin(mirror, origin):
    headers = {"Origin": origin, "HTTP-Referer": "https://cherry-ai.com", "X-Title": "Cherry"}
    listed = requests.get(mirror.url + "/v1/models", headers={**BEARER, **headers}, timeout=10)
    assert {model["owned_by"] for model in listed.json()["data"]} == {"xai"}
    body = {"model": "grok-4", "messages": PLAIN, "stream": True, "stream_options": None}
    assert text_of(post(mirror, body, **headers)) == "Hello 👋"


def test_open_webui_and_its_tasks(mirror):
    headers = {
        "X-OpenWebUI-User-Name": "Anna%20M%C3%BCller", "X-OpenWebUI-User-Id": "7",
        "X-OpenWebUI-User-Email": "a@example.org", "X-OpenWebUI-Chat-Id": "chat-1",
    }  # fmt: skip
    title = {
        "model": "grok-4", "messages": PLAIN, "stream": False, "max_completion_tokens": 1000,
        "metadata": {"task": "title_generation", "chat_id": "chat-1", "files": None},
    }  # fmt: skip
    assert text_of(post(mirror, title, **headers)) == "Hello 👋"
    chat = {
        "model": "grok-4", "messages": PLAIN, "stream": True, "reasoning": {"effort": "medium"},
        "params": {}, "tool_ids": None, "features": {"web_search": False}, "chat_id": "chat-1",
    }  # fmt: skip
    assert text_of(post(mirror, chat, **headers)) == "Hello 👋"


def test_new_api_tries_its_channel(mirror):
    headers = {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}
    body = {"model": "grok-latest", "messages": [{"role": "user", "content": "hi"}]}
    answer = post(mirror, {**body, "max_tokens": 10}, **headers)
    assert text_of(answer)
    assert answer.json()["usage"]["completion_tokens"] <= 10
    assert answer.json()["choices"][0]["finish_reason"] == "length"
    models = requests.get(mirror.url + "/v1/models", headers={**BEARER, **headers}, timeout=10)
    assert models.json()["object"] == "list"


def test_cursor_sends_another_interfaces_body_to_this_path(mirror):
    body = {
        "model": "gpt-4o", "stream": True, "store": False, "include": ["reasoning.x"],
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "scenario:plain"}]}],
        "tools": [
            {"type": "function", "name": "ls", "parameters": {"type": "object"}, "strict": False},
            {"type": "custom", "name": "patch", "format": {"type": "grammar", "definition": "x"}},
            {"type": "web_search"},
        ],
        "text": {"verbosity": "low"}, "truncation": "auto",
    }  # fmt: skip
    assert "Hello" in text_of(post(mirror, body))


def events_of(answer):
    """The events of a stream whose frames are named."""
    assert answer.status_code == 200, answer.text
    frames = [frame for frame in answer.text.split("\n\n") if frame.startswith("event: ")]
    return [json.loads(frame.partition("\ndata: ")[2]) for frame in frames]


def to_write(name, arguments):
    """Has the stand-in call a tool, as a model would that was taught how."""
    return f"scenario:call\nwrite: {json.dumps({'name': name, 'arguments': arguments})}"


def test_codex_runs_a_command(mirror):
    """As `codex exec` asks: with tools that only OpenAI could run among its own."""
    asked = to_write("exec_command", {"cmd": "ls"})
    body = {
        "model": "grok-4", "stream": True, "store": False, "instructions": "You are Codex.",
        "input": [
            {"type": "message", "role": "developer",
             "content": [{"type": "input_text", "text": "Be brief."}]},
            {"type": "message", "role": "user",
             "content": [{"type": "input_text", "text": asked}]},
        ],
        "tools": [
            {"type": "function", "name": "exec_command", "strict": False,
             "parameters": {"type": "object", "properties": {"cmd": {"type": "string"}}}},
            {"type": "custom", "name": "apply_patch", "format": {"type": "grammar"}},
            {"type": "namespace", "name": "mcp", "tools": []},
            {"type": "web_search", "external_web_access": True},
        ],
        "tool_choice": "auto", "parallel_tool_calls": True, "prompt_cache_key": "session",
        "include": ["reasoning.encrypted_content"], "reasoning": {"effort": "medium"},
    }  # fmt: skip
    headers = {"Accept": "text/event-stream", "originator": "codex_exec"}
    first = events_of(post(mirror, body, "/v1/responses", **headers))
    assert first[-1]["type"] == "response.completed"
    done = [event["item"] for event in first if event["type"] == "response.output_item.done"]
    call = done[-1]
    assert (call["name"], json.loads(call["arguments"])) == ("exec_command", {"cmd": "ls"})
    told = {"type": "function_call_output", "call_id": call["call_id"], "output": "a.txt"}
    again = {**body, "input": [*body["input"], *done, told]}
    last = events_of(post(mirror, again, "/v1/responses", **headers))[-1]["response"]
    assert last["output"][-1]["content"][0]["text"] == "The tool said: a.txt."


def test_claude_code_runs_a_command(mirror):
    asked = to_write("Bash", {"command": "ls"})
    user = {"role": "user", "content": [{"type": "text", "text": asked}]}
    body = {
        "model": "claude-opus-4-5", "max_tokens": 32000, "stream": True,
        "system": [{"type": "text", "text": "You are Claude Code.",
                    "cache_control": {"type": "ephemeral"}}],
        "messages": [user, {"role": "system", "content": "The user is at /tmp."}],
        "tools": [{"name": "Bash", "input_schema": {"type": "object"}},
                  {"type": "web_search_20250305", "name": "web_search"}],
        "metadata": {"user_id": "user_1_session_2"}, "thinking": {"type": "adaptive"},
        "context_management": {"edits": []}, "output_config": {"effort": "medium"},
    }  # fmt: skip
    headers = {"anthropic-version": "2023-06-01", "anthropic-beta": "claude-code-20250219"}
    path = "/v1/messages?beta=true"
    assert requests.head(mirror.url + "/", timeout=10).status_code < 500
    first = events_of(post(mirror, body, path, **headers))
    assert (first[0]["type"], first[-1]["type"]) == ("message_start", "message_stop")
    assert first[-2]["delta"]["stop_reason"] == "tool_use"
    call = [event["content_block"] for event in first if "content_block" in event][-1]
    (given,) = [e["delta"] for e in first if "partial_json" in e.get("delta", {})]
    assert (call["name"], json.loads(given["partial_json"])) == ("Bash", {"command": "ls"})
    used = {**call, "input": {"command": "ls"}}
    told = {"type": "tool_result", "tool_use_id": call["id"], "content": "a.txt"}
    talk = [user, {"role": "assistant", "content": [used]}, {"role": "user", "content": [told]}]
    whole = post(mirror, {**body, "messages": talk, "stream": False}, path, **headers).json()
    assert whole["content"][-1] == {"type": "text", "text": "The tool said: a.txt."}
    assert whole["stop_reason"] == "end_turn"


def test_an_image_is_drawn_for_open_webui(mirror):
    body = {"prompt": "scenario:image", "model": "gpt-image-1", "n": 1, "size": "1024x1024"}
    answer = post(mirror, body, "/v1/images/generations")
    (one,) = answer.json()["data"]
    content = base64.b64decode(one["b64_json"])
    shown = requests.get(one["url"], timeout=10)
    assert shown.content == content
    assert content.startswith((b"\xff\xd8", b"\x89PNG"))


def test_an_image_is_edited_from_a_form(mirror, standin):
    form = {"prompt": "scenario:image brighter", "response_format": "url"}
    files = {"image": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png")}
    answer = requests.post(
        mirror.url + "/v1/images/edits", data=form, files=files, headers=BEARER, timeout=30
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"][0]["url"].startswith(mirror.url)
    assert standin.control.requests(path="/http/upload-file-v2/direct"), "it went along"


def test_a_compressed_answer_is_not_asked_for_twice(mirror):
    headers = {"Accept-Encoding": "gzip, deflate, br, zstd"}
    answer = post(mirror, {"model": "grok-4", "messages": PLAIN, "stream": True}, **headers)
    assert "content-encoding" not in answer.headers, "compression would hold tokens back"
    assert json.loads(answer.text.split("data: ")[1].split("\n")[0])["object"]
