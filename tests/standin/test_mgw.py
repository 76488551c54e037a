import asyncio

import aiohttp
import pytest

from standin.refusals import REFUSALS
from tests.standin.gateway import chunks, gateway, kinds, texts

URL = "wss://grok.com/ws/mgw/"


async def test_a_plain_turn_has_the_recorded_order(page, account):
    async with gateway(page, account) as chat:
        session = await chat.open()
        frames = await chat.ask(session, "/plain")
        after = await chat.until("response.chunk")
    assert kinds(frames) == [
        "conversation.item.added",
        "response.created",
        "response.output_item.added",
        "response.content_part.added",
        "response.chunk",
        "response.chunk",
        "response.chunk",
        "response.chunk",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.done",
    ]
    assert "".join(texts(frames)) == "Hello 👋"
    assert {frame["session_id"] for frame in frames} == {session}
    assert kinds(after) == ["response.persisted", "conversation.title.updated", "response.chunk"]


async def test_some_messages_hold_two_objects(page, account):
    async with gateway(page, account) as chat:
        await chat.ask(await chat.open(), "a somewhat longer question")
    assert any(message.count('{"session_id"') > 1 for message in chat.messages)


async def test_an_unscripted_prompt_comes_back_word_for_word(page, account):
    prompt = 'see https://grok.com/c/1 and \u2028 „quotes"\\ 好'
    async with gateway(page, account) as chat:
        frames = await chat.ask(await chat.open(), prompt)
    assert prompt in "".join(texts(frames))


async def test_thoughts_travel_in_their_own_channels(page, account):
    async with gateway(page, account) as chat:
        frames = await chat.ask(await chat.open(), "/think")
    assert texts(frames, "CHANNEL_ASSISTANT_NOTETAKER_HEADER") == ["Multiplying", "Checking"]
    assert "".join(texts(frames)) == "It is 42."


async def test_late_thoughts_arrive_after_the_answer_began(page, account):
    async with gateway(page, account) as chat:
        frames = await chat.ask(await chat.open(), "/late-think")
    channels = [text["channel"] for text in chunks(frames, "text")]
    assert channels.index("CHANNEL_ASSISTANT_NOTETAKER_HEADER") > 0


async def test_search_shows_tools_results_and_a_citation(page, account):
    async with gateway(page, account) as chat:
        frames = await chat.ask(await chat.open(), "/search tides")
    cards = chunks(frames, "tool_usage_card")
    assert cards[0]["web_search"] == {"args": {"query": "tides"}}
    assert "x_search" in cards[1]
    assert chunks(frames, "render_citation")[0]["url"] == "https://tides.example/hanko"


async def test_an_image_progresses_to_a_key_on_the_assets_host(page, account):
    async with gateway(page, account) as chat:
        frames = await chat.ask(await chat.open(), "/image a kite")
    images = [image["image_chunk"] for image in chunks(frames, "render_generated_image")]
    assert [image["progress"] for image in images] == [50, 100]
    answer = await page.get(f"https://assets.grok.com/{images[-1]['imageUrl']}")
    assert (await answer.read()).startswith(b"\x89PNG")


@pytest.mark.parametrize("scenario", ["code", "long", "slowheader", "tags", "unknown", "big"])
async def test_every_quiet_scenario_ends_completed(page, account, scenario):
    async with gateway(page, account) as chat:
        frames = await chat.ask(await chat.open(), f"/{scenario}")
    assert frames[-1]["event"]["response"]["status"] == "completed"


@pytest.mark.parametrize("scenario", ["multibyte", "surrogates"])
async def test_wide_characters_survive_when_joined(page, account, scenario):
    async with gateway(page, account) as chat:
        frames = await chat.ask(await chat.open(), f"/{scenario}")
    joined = "".join(texts(frames)).encode("utf-16", "surrogatepass").decode("utf-16")
    assert joined.endswith(("🇫🇮", "👋 half"))


async def test_fragmented_messages_are_one_message(standin, page, account):
    standin.control.switch(fragment=True)
    async with gateway(page, account) as chat:
        frames = await chat.ask(await chat.open(), "/plain")
    assert "".join(texts(frames)) == "Hello 👋"


async def test_without_chunks_the_delta_form_is_used(page, account):
    async with gateway(page, account) as chat:
        frames = await chat.ask(await chat.open(use_chunk=False), "/plain")
    deltas = [f["event"]["delta"] for f in frames if "delta" in f["event"]]
    assert deltas == ["Hel", "lo 👋"]


async def test_ping_is_answered_while_an_answer_stalls(page, account):
    async with gateway(page, account) as chat:
        await chat.say(await chat.open(), "/stall")
        await chat.until("response.created")
        await chat.send({"type": "ping"})
        assert (await chat.until("pong"))[-1]["event"]["client_event_id"] == "evt_1"


async def test_a_stalled_answer_can_be_stopped(page, account):
    async with gateway(page, account) as chat:
        session = await chat.open()
        await chat.say(session, "/stall")
        await chat.until("response.created")
        base = f"https://grok.com/rest/app-chat/conversations/{session}"
        await page.post(f"{base}/stop-inflight-responses", json={})
        done = (await chat.until("response.done"))[-1]["event"]["response"]
    assert done["status"] == "cancelled"


async def test_a_cut_answer_ends_without_done(standin, page, account):
    async with gateway(page, account) as chat:
        await chat.say(await chat.open(), "/cut")
        with pytest.raises(aiohttp.WSMessageTypeError):
            await chat.until("response.done")
    assert await asyncio.to_thread(standin.control.wait_for_stream_end)
    assert standin.control.ended_streams("mgw")[-1].ended == "cut"


async def test_a_client_that_leaves_is_noticed(standin, page, account):
    async with page.ws_connect(f"{URL}?uid={account.user_id}") as socket:
        assert len(standin.control.open_streams("mgw")) == 1
        assert standin.control.requests(path="/ws/mgw/")[-1].status == 101
        socket._response.connection.transport.abort()
        assert await asyncio.to_thread(standin.control.wait_for_stream_end)
    assert standin.control.ended_streams("mgw")[-1].ended == "client gone"


@pytest.mark.parametrize(
    ("scenario", "reason"),
    [("limit", "usage_limit_reached"), ("empty", "model_not_available"), ("429", "rate_limited")],
)
async def test_errors_inside_the_stream_end_failed(page, account, scenario, reason):
    async with gateway(page, account) as chat:
        frames = await chat.ask(await chat.open(), f"/{scenario}")
    assert "stream_error" in frames[-2]["event"]["output"]
    assert frames[-1]["event"]["response"]["status"] == "failed"
    assert frames[-1]["event"]["response"]["status_details"] == {"reason": reason}


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("antibot", "anti_bot"),
        ("expired", "unauthenticated"),
        ("blocked", "permission_denied"),
        ("noaccess", "permission_denied"),
        ("5xx", "internal"),
    ],
)
async def test_refusals_are_error_events(page, account, scenario, code):
    async with gateway(page, account) as chat:
        await chat.say(await chat.open(), f"/{scenario}")
        error = (await chat.until("error"))[-1]["event"]["error"]
    assert error["code"] == code


async def test_a_mode_above_the_tier_is_refused(page, account):
    async with gateway(page, account) as chat:
        await chat.say(await chat.open(mode="heavy"), "hello")
        error = (await chat.until("error"))[-1]["event"]["error"]
    assert "Upgrade" in error["message"]


async def test_history_is_replayed_on_request_and_turns_continue(page, account):
    async with gateway(page, account) as chat:
        session = await chat.open()
        first = (await chat.ask(session, "/plain"))[-1]["event"]["response"]["id"]
    async with gateway(page, account) as chat:
        await chat.open(session_id=session, needs_history=True)
        history = await chat.until("conversation.history.done")
        await chat.ask(session, "and now", parent_response_id=first)
    items = [frame["event"]["item"] for frame in history[:-1]]
    assert [item["role"] for item in items] == ["user", "assistant"]
    assert items[1]["x_grok"]["output_chunks"][0]["text"]["text"] == "Hello 👋"
    tree = await page.get(f"https://grok.com/rest/app-chat/conversations/{session}/response-node")
    assert (await tree.json())["responseNodes"][2]["parentResponseId"] == first


async def test_a_question_before_the_session_is_refused(page, account):
    async with gateway(page, account) as chat:
        await chat.say("", "too early")
        assert (await chat.next())["event"]["error"]["code"] == "failed_precondition"


async def test_another_accounts_conversation_does_not_exist(standin, page, account):
    other = standin.accounts["heavy"]
    async with gateway(page, account) as chat:
        session = await chat.open()
    headers = {"Cookie": other.cookie}
    url = f"{URL}?uid={other.user_id}"
    async with page.ws_connect(url, headers=headers) as socket:
        extras = {"conversation_id": session, "load_existing": True}
        event = {"type": "session.create", "session": {"x_grok": extras}}
        await socket.send_json({"session_id": session, "event": event})
        assert (await socket.receive_json())["event"]["error"]["code"] == "not_found"


async def test_files_are_named_in_the_answer(page, account):
    form = aiohttp.FormData()
    form.add_field("file", b"text", filename="note.txt", content_type="text/plain")
    upload = await page.post("https://grok.com/http/upload-file-v2/direct", data=form)
    file_id = (await upload.json())["fileMetadata"]["fileMetadataId"]
    async with gateway(page, account) as chat:
        session = await chat.open()
        frames = await chat.ask(session, "read it", file_attachment_ids=[file_id])
    assert "note.txt" in "".join(texts(frames))


@pytest.mark.parametrize(
    ("headers", "uid", "status"),
    [
        pytest.param({}, None, 101, id="cookie, Origin and uid agree"),
        pytest.param({"Origin": "https://mirror.example"}, None, 403, id="foreign Origin"),
        pytest.param({"Cookie": ""}, None, 401, id="no cookie"),
        pytest.param({}, "somebody", 403, id="uid of somebody else"),
    ],
)
async def test_handshake(page, account, headers, uid, status):
    url = f"{URL}?uid={uid or account.user_id}"
    if status == 101:
        async with page.ws_connect(url, headers=headers):
            return
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await page.ws_connect(url, headers=headers)
    assert refused.value.status == status


@pytest.mark.parametrize("refusal", ["429", "antibot", "cf", "expired", "blocked", "5xx"])
async def test_handshakes_can_be_refused_by_switch(standin, page, account, refusal):
    standin.control.switch(websocket_refusal=refusal)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await page.ws_connect(f"{URL}?uid={account.user_id}")
    wanted = {"cf": 403, "5xx": 502} | {name: item.status for name, item in REFUSALS.items()}
    assert refused.value.status == wanted[refusal]
