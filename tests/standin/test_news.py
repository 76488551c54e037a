"""What the sockets of an account hear of each other."""

import asyncio

from tests.standin.gateway import gateway, kinds
from tests.standin.test_ndjson import ask, lines
from tests.standin.test_sockets import item

BASE = "https://grok.com/rest/app-chat/conversations"


async def test_a_turn_is_told_to_the_accounts_other_sockets(page, account):
    async with gateway(page, account) as alice, gateway(page, account) as bob:
        mine = await bob.open()
        session = await alice.open()
        await alice.ask(session, "my secret plan")
        heard = await bob.until("conversation.list.updated")
    assert kinds(heard) == [
        "conversation.queue.updated",
        "response.persisted",
        "conversation.title.updated",
        "conversation.list.updated",
    ]
    assert [frame.get("session_id") for frame in heard] == [session] * 3 + [None]
    assert heard[-1]["event"]["conversation"] == {"id": session, "title": "my secret plan"}
    assert mine != session


async def test_http_turns_renames_and_runs_are_told_too(standin, page, account):
    async with gateway(page, account) as bob:
        said = await lines(await ask(page, "over http"))
        found = said[0]["result"]["conversation"]["conversationId"]
        assert (await bob.until("conversation.list.updated"))[0]["session_id"] == found
        await page.put(f"{BASE}/{found}", json={"title": "Renamed"})
        renamed = await bob.until("conversation.list.updated")
        assert renamed[0]["event"]["title"] == "Renamed"


async def test_nobody_tells_his_own_socket_or_another_account(standin, page, account):
    other = standin.accounts["heavy"]
    url = f"wss://grok.com/ws/mgw/?uid={other.user_id}"
    async with (
        gateway(page, account) as alice,
        page.ws_connect(url, headers={"Cookie": other.cookie}) as foreign,
    ):
        frames = await alice.ask(await alice.open(), "/plain")
        assert "conversation.list.updated" not in kinds(frames)
        await foreign.send_json({"event": {"type": "ping"}})
        assert (await foreign.receive_json())["event"]["type"] == "pong"


async def test_telling_can_be_switched_off_and_done_by_hand(standin, page, account):
    standin.control.switch(broadcast=False)
    async with gateway(page, account) as bob:
        await lines(await ask(page, "quietly"))
        event = {"type": "made.up", "conversation_id": "c-1"}
        await asyncio.to_thread(standin.control.tell, "super", event, session_id="s-1")
        frame = await bob.next()
    assert (frame["session_id"], frame["event"]["conversation_id"]) == ("s-1", "c-1")


async def test_a_custom_method_lists_all_conversations(standin, page, account):
    planted = standin.control.plant("super", "conversation", title="Old", messages=["Q", "old A"])
    old = planted["conversationId"]
    async with gateway(page, account) as chat:
        await chat.send({"type": "custom_method.call", "method": "list_conversations"})
        listed = (await chat.next())["event"]["result"]["conversations"]
        call = {"type": "custom_method.call", "method": "get_conversation"}
        await chat.send({**call, "params": {"conversation_id": old}})
        read = (await chat.next())["event"]["result"]
        await chat.send({"type": "custom_method.call", "method": "fly"})
        assert (await chat.next())["event"]["error"]["code"] == "unimplemented"
    assert [conversation["conversationId"] for conversation in listed] == [old]
    assert read["responses"][1]["message"] == "old A"


async def test_imagine_shows_the_jobs_of_others(standin, page):
    url = "wss://grok.com/ws/imagine/listen"
    async with page.ws_connect(url) as alice, page.ws_connect(url) as bob:
        await alice.send_json(item("my secret picture"))
        mine = [await alice.receive_json() for _ in range(3)]
        heard = [await bob.receive_json() for _ in range(3)]
    assert heard == mine
    assert heard[0]["prompt"] == "my secret picture"
    held = standin.control.held("super")
    assert held["file"] == [mine[0]["image_id"]]
    assert len(held["post"]) == 1
