"""No secret of ours in any byte a client receives, nor in the log, whatever Grok sends back."""

import base64
import json
from urllib.parse import quote

import aiohttp
import pytest
import requests

from tests.loop.test_chat import headers_of, signed, ws_url

ENCODINGS = ["identity", "gzip", "br", "zstd", "deflate"]


def spellings(secret):
    """Every way the same secret could be written down."""
    raw = secret.encode()
    forms = {raw, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode()}
    for lead in range(3):
        coded = base64.b64encode(b"x" * lead + raw)
        forms.add(coded[4 if lead else 0 : -4])
    return forms


def secrets_of(mirror, standin):
    account = standin.accounts["super"]
    return [form for secret in (account.sso, mirror.wiring.secret) for form in spellings(secret)]


def received(response):
    head = "\n".join(f"{k}: {v}" for k, v in response.headers.items())
    return head.encode("latin-1", "replace") + b"\n\n" + response.content


@pytest.fixture
def echoing(standin):
    standin.control.switch(echo=True, piece_bytes=7)
    return standin


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/c/11111111-2222-4333-8444-555555555555",
        "/api/auth/session",
        "/rest/auth/get-user",
        "/rest/app-chat/conversations?pageSize=60",
        "/share/abc",
    ],
)
def test_an_echoing_upstream_shows_nothing(mirror, alice, echoing, path, encoding):
    answer = alice.http.get(
        mirror.url + path, headers={"accept-encoding": encoding}, allow_redirects=False
    )
    everything = received(answer)
    for form in secrets_of(mirror, echoing):
        assert form not in everything


@pytest.mark.parametrize("path", ["/nope/nope", "/rest/app-chat/conversations_v2/unknown"])
def test_errors_show_nothing(mirror, alice, echoing, path):
    for accept in ("text/html", "application/json"):
        answer = alice.http.get(mirror.url + path, headers={"accept": accept})
        for form in secrets_of(mirror, echoing):
            assert form not in received(answer)


def test_a_streamed_answer_shows_nothing(mirror, alice, echoing):
    echoing.control.switch(stream_piece_bytes=5)
    answer = alice.http.post(
        f"{mirror.url}/rest/app-chat/conversations/new",
        json={"message": "/plain hi", "modeId": "fast"},
        headers=signed(mirror),
    )
    for form in secrets_of(mirror, echoing):
        assert form not in received(answer)


async def test_frames_show_nothing(mirror, alice, echoing):
    echoing.control.switch(fragment=True)
    frames = b""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(ws_url(mirror, echoing), headers=headers_of(mirror, alice)) as socket,
    ):
        await socket.send_json({"event": {"type": "session.create", "event_id": "e1"}})
        for _ in range(2):
            frames += (await socket.receive()).data.encode()
        head = str(socket._response.headers)
    for form in secrets_of(mirror, echoing):
        assert form not in frames
        assert form.decode("latin-1") not in head


def test_files_show_nothing_and_keep_their_length(mirror, alice, echoing):
    user = echoing.accounts["super"].user_id
    answer = alice.http.get(f"{mirror.url}/-/assets.grok.com/users/{user}/welcome/content")
    for form in secrets_of(mirror, echoing):
        assert form not in received(answer)


def test_the_log_shows_nothing(mirror, alice, echoing):
    alice.http.get(mirror.url + "/", headers={"x-broken": "1"})
    requests.get(mirror.url + f"/?sso={echoing.accounts['super'].sso}", timeout=5)
    log = mirror.log_text().encode()
    for form in secrets_of(mirror, echoing):
        assert form not in log
    assert alice.cookie.encode() not in log


def test_trace_does_not_echo(mirror, alice):
    answer = alice.http.request("TRACE", mirror.url + "/")
    assert answer.status_code == 405
