import aiohttp
import pytest


def item(text, count=1):
    part = {"type": "input_text", "text": text, "properties": {"num_generations": count}}
    return {"type": "conversation.item.create", "item": {"content": [part]}}


@pytest.mark.parametrize("host", ["grok.com", "grok-api.gcp.mouseion.dev"])
async def test_imagine_starts_shows_and_completes(page, host):
    async with page.ws_connect(f"wss://{host}/ws/imagine/listen") as socket:
        await socket.send_json({"type": "conversation.item.create", "item": {"type": "reset"}})
        await socket.send_json(item("a kite", 2))
        frames = [await socket.receive_json() for _ in range(6)]
        await socket.send_json(item("/limit"))
        assert (await socket.receive_json())["err_code"] == "rate_limit_exceeded"
    assert [frame.get("current_status", "image") for frame in frames[:3]] == [
        "start_stage",
        "image",
        "completed",
    ]
    assert (await page.get(frames[1]["url"])).status == 200


async def test_imagine_can_be_refused_at_the_handshake(standin, page):
    standin.control.switch(websocket_refusal="429")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await page.ws_connect("wss://grok.com/ws/imagine/listen")
    assert refused.value.status == 429


async def test_livekit_signalling_wants_a_token(page):
    async with page.ws_connect("wss://livekit.grok.com/rtc?access_token=lk") as socket:
        assert "join" in await socket.receive_str()
        await socket.send_bytes(b"\x00\xff")
        assert await socket.receive_bytes() == b"\x00\xff"
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await page.ws_connect("wss://livekit.grok.com/rtc")


async def test_read_aloud_sends_binary_and_closes(page):
    async with page.ws_connect("wss://grok-v2.x.ai/ws/app_chat/stream_audio") as socket:
        assert [message.type async for message in socket] == [aiohttp.WSMsgType.BINARY] * 3
