"""Chat through the mirror, on both transports: early first bytes, prompt endings, own words."""

import json
import time

import aiohttp
import pytest


def signed(mirror, **more):
    """What the page adds to a request that Grok wants signed."""
    return {"x-statsig-id": "toy-signature", "origin": mirror.url, **more}


def ws_url(mirror, standin, name="super"):
    user_id = standin.accounts[name].user_id
    return f"{mirror.url.replace('http', 'ws')}/ws/mgw/?uid={user_id}"


def headers_of(mirror, person):
    return {"cookie": f"mirror_session={person.cookie}", "origin": mirror.url}


async def say(socket, text, on_event=None):
    """One turn on an open socket; the events received up to response.done."""
    await socket.send_json(
        {"event": {"type": "session.create", "event_id": "e1", "session": {"model": "fast"}}}
    )
    events, conversation, sent = [], None, False
    decoder = json.JSONDecoder()
    async for message in socket:
        data = message.data
        while data:
            value, end = decoder.raw_decode(data)
            data = data[end:].lstrip()
            events.append((time.monotonic(), value))
            conversation = value.get("session_id") or conversation
            kinds = {v["event"]["type"] for _, v in events}
            if not sent and {"session.created", "conversation.attached"} <= kinds:
                sent = True
                await socket.send_json(_item(conversation, text))
                create = {"type": "response.create", "event_id": "e3"}
                await socket.send_json({"session_id": conversation, "event": create})
            if value["event"]["type"] == "response.done":
                return events
    raise AssertionError(f"socket ended early: {events[-3:]}")


def _item(conversation, text):
    chunks = [{"text": {"text": text}}]
    item = {"type": "message", "role": "user", "x_grok": {"input_chunks": chunks}}
    event = {"type": "conversation.item.create", "event_id": "e2", "item": item}
    return {"session_id": conversation, "event": event}


def answer_text(events):
    chunks = [v["event"].get("chunk", {}).get("text", {}) for _, v in events]
    return "".join(c.get("text", "") for c in chunks if c.get("channel", "").endswith("_RESPONSE"))


async def test_a_turn_on_the_socket_streams(mirror, alice, standin):
    standin.control.switch(token_delay_ms=30)
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(ws_url(mirror, standin), headers=headers_of(mirror, alice)) as socket,
    ):
        events = await say(socket, "/plain hello there, how are you today?")
    text_times = [at for at, v in events if "text" in v["event"].get("chunk", {})]
    assert answer_text(events)
    assert text_times[-1] - text_times[0] > 0.02, "the tokens came in one piece"
    (seen,) = [r for r in standin.control.requests(path="/ws/mgw/") if r.status == 101]
    assert seen.header("origin") == "https://grok.com"
    assert seen.cookies["sso"] == standin.accounts["super"].sso


async def test_what_a_person_writes_comes_back_as_he_wrote_it(mirror, alice, standin):
    words = f"see https://grok.com/share/1 and {mirror.url}/c/2 and wss://grok.com/ws/mgw/"
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(ws_url(mirror, standin), headers=headers_of(mirror, alice)) as socket,
    ):
        await say(socket, words)
    said = json.dumps(standin.control.conversations("super"))
    assert words in said
    listing = alice.http.get(mirror.url + "/rest/app-chat/conversations?pageSize=60").json()
    conversation = listing["conversations"][0]["conversationId"]
    base = f"{mirror.url}/rest/app-chat/conversations/{conversation}"
    responses = alice.http.get(f"{base}/responses?includeThreads=false").json()["responses"]
    assert words in [response["message"] for response in responses]


async def test_leaving_closes_the_upstream_within_a_second(mirror, alice, standin):
    standin.control.switch(token_delay_ms=100)
    async with aiohttp.ClientSession() as http:
        socket = await http.ws_connect(ws_url(mirror, standin), headers=headers_of(mirror, alice))
        await socket.send_json({"event": {"type": "session.create", "event_id": "e1"}})
        await socket.receive()
        await socket.close()
    start = time.monotonic()
    assert standin.control.wait_for_stream_end(timeout=3)
    assert time.monotonic() - start < 1


def test_ndjson_streams_early_and_ends_with_the_client(mirror, alice, standin):
    standin.control.switch(token_delay_ms=150)
    start = time.monotonic()
    answer = alice.http.post(
        f"{mirror.url}/rest/app-chat/conversations/new",
        json={"message": "/plain one two three four five six seven", "modeId": "fast"},
        headers=signed(mirror),
        stream=True,
    )
    first = next(answer.iter_content(chunk_size=None))
    assert b"conversation" in first
    assert time.monotonic() - start < 0.6, "the first byte waited for the end"
    answer.close()
    start = time.monotonic()
    assert standin.control.wait_for_stream_end(timeout=3)
    assert time.monotonic() - start < 1


def test_the_signature_and_the_path_reach_grok_untouched(mirror, alice, standin):
    alice.http.post(
        f"{mirror.url}/rest/app-chat/conversations/new",
        json={"message": "/plain hi", "modeId": "fast"},
        headers=signed(mirror)
        | {"x-xai-request-id": "r-1", "baggage": "b", "traceparent": "00-1-2-01"},
    )
    (seen,) = standin.control.requests(path="/rest/app-chat/conversations/new")
    assert seen.header("x-statsig-id") == "toy-signature"
    assert (seen.header("x-xai-request-id"), seen.header("baggage")) == ("r-1", "b")
    assert "x-mirror" not in json.dumps(seen.headers).lower()


async def test_a_stream_that_is_cut_is_cut_for_the_browser_too(mirror, alice, standin):
    with pytest.raises(Exception, match=r"(?i)incomplete|broken|prematurely|reset|not enough"):
        alice.http.post(
            f"{mirror.url}/rest/app-chat/conversations/new",
            json={"message": "/cut please", "modeId": "fast"},
            headers=signed(mirror),
        )


async def test_a_foreign_page_cannot_open_a_socket(mirror, alice, standin):
    headers = headers_of(mirror, alice) | {"origin": "https://evil.example"}
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await http.ws_connect(ws_url(mirror, standin), headers=headers)
    assert caught.value.status == 403


async def test_a_revoked_session_loses_its_socket_within_five_seconds(mirror, standin):
    import db

    carol = mirror.person("carol", mirror.account_ids["super"])
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(ws_url(mirror, standin), headers=headers_of(mirror, carol)) as socket,
    ):
        await socket.send_json({"event": {"type": "session.create", "event_id": "e1"}})
        await socket.receive()
        db.end_sessions_of(carol.user_id)
        start = time.monotonic()
        async for _ in socket:
            pass
        assert time.monotonic() - start < 5
