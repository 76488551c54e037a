"""The other WebSockets: imagine, LiveKit signalling, read-aloud. Short scripts, no state."""

import asyncio
import base64
import json
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from standin.files import png
from standin.refusals import refuse
from standin.world import ACCOUNT, account_of, world_of


async def imagine(request: web.Request) -> web.StreamResponse:
    """Images by prompt: start, image, completed; `/limit` in the text gives the error."""
    world = world_of(request)
    if world.switches.websocket_refusal:
        return refuse(world.switches.websocket_refusal)
    account = request.get(ACCOUNT)
    if account is None or account.refusal:
        return refuse("signed_out")
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    with world.streams.stream("imagine", request.path, account.name):
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await _imagine_item(socket, json.loads(message.data))
    return socket


async def _imagine_item(socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
    parts = (frame.get("item") or {}).get("content") or []
    part = next((part for part in parts if part.get("type") == "input_text"), None)
    if part is None:
        return
    if "/limit" in part.get("text", ""):
        text = "Image rate limit exceeded"
        await socket.send_json(
            {"type": "error", "err_code": "rate_limit_exceeded", "err_msg": text}
        )
        return
    count = int((part.get("properties") or {}).get("num_generations", 1))
    for index in range(min(count, 4)):
        await _send_image(socket, index)


async def _send_image(socket: web.WebSocketResponse, index: int) -> None:
    image_id = str(uuid.uuid4())
    state = {
        "type": "json",
        "image_id": image_id,
        "order": index,
        "width": 832,
        "height": 1248,
        "moderated": False,
        "r_rated": False,
    }
    await socket.send_json({**state, "current_status": "start_stage", "percentage_complete": 0})
    await socket.send_json(
        {
            "type": "image",
            "url": f"https://imagine-public.x.ai/imagine-public/images/{image_id}.jpg",
            "blob": base64.b64encode(png(image_id)).decode(),
            "percentage_complete": 100,
            "grid_index": index,
        }
    )
    await socket.send_json({**state, "current_status": "completed", "percentage_complete": 100})


async def livekit(request: web.Request) -> web.StreamResponse:
    """Signalling only: wants an access token, says joined, returns what it hears."""
    if not request.query.get("access_token"):
        return refuse("signed_out")
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    with world_of(request).streams.stream("livekit", request.path, ""):
        await socket.send_str('{"join":{"room":{"name":"standin"}}}')
        async for message in socket:
            if message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
            elif message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
    return socket


async def stream_audio(request: web.Request) -> web.StreamResponse:
    """Read-aloud: three binary frames, then a normal close."""
    if request.get(ACCOUNT) is None:
        return refuse("signed_out")
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    with world_of(request).streams.stream("audio", request.path, account_of(request).name):
        for number in range(3):
            await socket.send_bytes(bytes([number]) * 640)
            await asyncio.sleep(0)
        await socket.close()
    return socket


IMAGINE_ROUTES = (web.get("/ws/imagine/listen", imagine),)
LIVEKIT_ROUTES = (web.get("/rtc", livekit),)
VOICE_ROUTES = (web.get("/ws/app_chat/stream_audio", stream_audio),)
