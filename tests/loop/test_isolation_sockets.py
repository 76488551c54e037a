"""Two users on one account, each with sockets open: nothing of one in a byte of the other's.

The stand-in tells every socket of an account what happens in its others.
"""

import asyncio
import contextlib
import json
import time

import aiohttp
import pytest

import db
from core.isolation_plan import socket_attempts
from tests.loop.shared_account import CONFIG, own, planted, unknown
from tests.loop.test_chat import headers_of, say, ws_url

PING = {"event": {"type": "ping", "event_id": "p"}}


@pytest.fixture
def bob(mirror, standin):
    """On Alice's account."""
    return mirror.person("bob", mirror.account_ids["super"])


@contextlib.asynccontextmanager
async def opened(mirror, standin, person, path="", name="super"):
    url = f"{mirror.url.replace('http', 'ws')}{path}" if path else ws_url(mirror, standin, name)
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, headers=headers_of(mirror, person)) as socket,
    ):
        yield socket


def objects(text):
    decoder, found = json.JSONDecoder(), []
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


async def until_pong(socket):
    """Everything the socket has to say until it answers a ping."""
    await socket.send_json(PING)
    said = []
    while True:
        said += objects((await socket.receive(timeout=5)).data)
        if said[-1]["event"]["type"] == "pong":
            return said[:-1]


async def conversation_of(socket, text="/plain hello"):
    events = await say(socket, text)
    return next(v["session_id"] for _, v in events if v.get("session_id"))


def words(name, number):
    return f"/plain the {name}-secret-{number} of {name}"


async def test_two_users_talk_at_once_and_hear_only_themselves(mirror, alice, bob, standin):
    async with (
        opened(mirror, standin, alice) as his,
        opened(mirror, standin, bob) as hers,
        opened(mirror, standin, alice) as his_other,
        opened(mirror, standin, bob) as her_other,
    ):
        turns = [
            say(his, words("alice", 1)),
            say(hers, words("bob", 1)),
            say(his_other, words("alice", 2)),
            say(her_other, words("bob", 2)),
        ]
        heard = [[v for _, v in events] for events in await asyncio.gather(*turns)]
        for n, socket in enumerate((his, hers, his_other, her_other)):
            heard[n] += await until_pong(socket)
    text = [json.dumps(events) for events in heard]
    assert "alice-secret-1" in text[0]
    assert "bob-secret-1" in text[1]
    for n in (0, 2):
        assert "bob-secret" not in text[n]
        assert "alice-secret" not in text[n + 1]
    ids = [{v["session_id"] for v in events if v.get("session_id")} for events in heard]
    assert not (ids[0] | ids[2]) & (ids[1] | ids[3])


@pytest.mark.parametrize("whose", ["another user's", "unknown", "there before"])
async def test_no_field_of_a_frame_reaches_what_is_not_ones_own(mirror, alice, bob, standin, whose):
    shared = mirror.account_ids["super"]
    ids = unknown() if whose == "unknown" else planted(standin, "super", "bob")
    if whose == "another user's":
        own(shared, bob.user_id, ids)
    mine = own(shared, alice.user_id, planted(standin, "super", "alice"))
    async with opened(mirror, standin, alice) as socket:
        for attempt in socket_attempts(CONFIG, ids, mine):
            await socket.send_json(attempt.frame)
            said = await until_pong(socket)
            assert [v["event"]["type"] for v in said] == ["error"], attempt.where
            assert said[0]["event"]["error"]["code"] == "not_found", attempt.where
            assert "bob" not in json.dumps(said)
    talk = [
        c for c in standin.control.conversations("super") if c["conversationId"] in ids.values()
    ]
    assert all(len(c["responses"]) == 2 for c in talk)


async def test_frames_of_others_come_through_in_no_disguise(mirror, alice, bob, standin):
    shared = mirror.account_ids["super"]
    his = own(shared, alice.user_id, planted(standin, "super", "alice"))["conversation"]
    hers = own(shared, bob.user_id, planted(standin, "super", "bob"))["conversation"]
    title = {"type": "conversation.title.updated", "title": "bob-secret"}
    async with opened(mirror, standin, alice) as socket:
        standin.control.tell("super", title, session_id=hers)
        standin.control.tell("super", title)
        standin.control.tell("super", {**title, "conversation": {"id": hers}}, session_id=his)
        standin.control.tell("super", {**title, "conversation_id": hers})
        standin.control.tell("super", {**title, "type": "later.invented"})
        standin.control.tell(
            "super", {"type": "conversation.title.updated", "title": "own"}, session_id=his
        )
        said = await until_pong(socket)
    assert [v["event"]["title"] for v in said] == ["own"]


async def test_one_foreign_object_spoils_the_whole_message(mirror, alice, bob, standin):
    shared = mirror.account_ids["super"]
    his = own(shared, alice.user_id, planted(standin, "super", "alice"))["conversation"]
    hers = own(shared, bob.user_id, planted(standin, "super", "bob"))["conversation"]
    resume = [{"session_id": s, "event": {"type": "session.create"}} for s in (his, hers, his)]
    async with opened(mirror, standin, alice) as socket:
        await socket.send_str("".join(map(json.dumps, resume)))
        said = await until_pong(socket)
        assert [v["event"]["type"] for v in said] == ["error"]
        doubled = (
            f'{{"session_id":"{his}","session_id":"{hers}","event":{{"type":"session.create"}}}}'
        )
        await socket.send_str(doubled)
        await socket.send_bytes(json.dumps(resume[0]).encode())
        await socket.send_str("no json")
        call = {"type": "custom_method.call", "event_id": "e", "method": "list_conversations"}
        await socket.send_json({"event": call})
        await socket.send_json({"session_id": his, "event": {**call, "type": "later.invented"}})
        assert await until_pong(socket) == []
        await socket.send_json(resume[0])
        assert {v["session_id"] for v in await until_pong(socket)} == {his}


async def test_a_new_conversation_while_others_are_told_about(mirror, alice, bob, standin):
    hers = own(mirror.account_ids["super"], bob.user_id, planted(standin, "super", "bob"))[
        "conversation"
    ]
    created = {
        "type": "session.created",
        "client_event_id": "another",
        "session": {"secret": "bob"},
    }
    async with opened(mirror, standin, alice) as socket:
        standin.control.switch(latency_ms=5)
        turn = asyncio.create_task(say(socket, words("alice", 3)))
        while not turn.done():
            await asyncio.to_thread(standin.control.tell, "super", created, session_id=hers)
        events = [v for _, v in await turn]
    assert hers not in json.dumps(events)
    assert "bob" not in json.dumps(events)


async def test_history_is_replayed_to_its_owner_alone(mirror, alice, bob, standin):
    async with opened(mirror, standin, alice) as socket:
        conversation = await conversation_of(socket, words("alice", 4))
    again = {
        "session_id": conversation,
        "event": {
            "type": "session.create",
            "event_id": "e1",
            "session": {"x_grok": {"needs_history": True, "load_existing": True}},
        },
    }
    async with opened(mirror, standin, alice) as socket:
        await socket.send_json(again)
        assert "alice-secret-4" in json.dumps(await until_pong(socket))
    async with opened(mirror, standin, bob) as socket:
        await socket.send_json(again)
        (error,) = await until_pong(socket)
        assert error["event"]["error"]["code"] == "not_found"
        assert "alice" not in json.dumps(error)


def picture(text):
    part = {"type": "input_text", "text": text, "properties": {"num_generations": 2}}
    return {"type": "conversation.item.create", "item": {"content": [part]}}


async def test_pictures_show_where_they_were_asked_for(mirror, alice, bob, standin):
    """Both at once, again and again: neither a frame nor a picture goes astray."""
    path = "/ws/imagine/listen"
    async with (
        opened(mirror, standin, alice, path) as his,
        opened(mirror, standin, bob, path) as hers,
    ):
        for number in range(5):
            await his.send_json(picture(f"alice-{number}"))
            await hers.send_json(picture(f"bob-{number}"))
            for socket, name in ((his, "alice"), (hers, "bob")):
                frames = [await socket.receive_json(timeout=5) for _ in range(6)]
                prompts = {frame["prompt"] for frame in frames if "prompt" in frame}
                assert prompts == {f"{name}-{number}"}
        for socket in (his, hers):
            with pytest.raises(TimeoutError):
                await socket.receive(timeout=0.2)


@pytest.mark.parametrize(
    "path", ["/rest/workspaces", "/", "/ws/other", "/c/{}", "/-/assets.grok.com/users/a/b/c"]
)
async def test_no_other_path_takes_a_socket(mirror, alice, standin, path):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with opened(mirror, standin, alice, path.format(unknown()["conversation"])):
            pass
    assert refused.value.status == 404
    assert [r for r in standin.control.requests() if r.header("upgrade")] == []


async def test_on_an_account_of_ones_own_everything_passes(mirror, standin):
    heavy = mirror.account_ids["heavy"]
    carol = mirror.person("carol", heavy)
    before = planted(standin, "heavy", "carol")["conversation"]
    db.make_private(heavy, carol.user_id)
    target = f"{mirror.url}/rest/app-chat/conversations_v2/{before}"
    last = time.monotonic() + 5
    while carol.http.get(target).status_code != 200:  # the proxy looks once a second
        assert time.monotonic() < last
        await asyncio.sleep(0.1)
    try:
        async with opened(mirror, standin, carol, name="heavy") as socket:
            await socket.send_json({"session_id": before, "event": {"type": "session.create"}})
            assert {v["session_id"] for v in await until_pong(socket)} == {before}
            standin.control.tell("heavy", {"type": "later.invented"})
            assert [v["event"]["type"] for v in await until_pong(socket)] == ["later.invented"]
    finally:
        db.make_private(heavy, None)
