"""The other WebSockets: imagine, LiveKit signalling, read-aloud. Short scripts."""

import asyncio
import base64
import json
import uuid
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from standin.accounts import Account
from standin.files import png
from standin.news import News
from standin.posts import post_image
from standin.refusals import refuse
from standin.world import ACCOUNT, World, account_of, world_of


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
    painter = _Painter(world, account, socket)
    with (
        world.streams.stream("imagine", request.path, account.name),
        world.news.listening("imagine", account.user_id, painter.hear),
    ):
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await painter.take(json.loads(message.data))
    return socket


@dataclass(slots=True)
class _Painter:
    """One open Imagine socket; what it shows, the account's other sockets are shown as well."""

    world: World
    account: Account
    socket: web.WebSocketResponse

    async def hear(self, news: News) -> None:
        """Progress of another job of the account."""
        for event in news.events:
            await self.socket.send_json(event)

    async def take(self, frame: dict[str, Any]) -> None:
        """One frame of the page: a prompt, or something to pass over."""
        parts = (frame.get("item") or {}).get("content") or []
        part = next((part for part in parts if part.get("type") == "input_text"), None)
        if part is None:
            return
        prompt = str(part.get("text", ""))
        if "/limit" in prompt:
            text = "Image rate limit exceeded"
            code = {"err_code": "rate_limit_exceeded", "err_msg": text}
            await self.socket.send_json({"type": "error", **code})
            return
        count = int((part.get("properties") or {}).get("num_generations", 1))
        for index in range(min(count, 4)):
            await self._paint(prompt, index, str(part.get("requestId") or ""))

    async def _paint(self, prompt: str, index: int, request_id: str) -> None:
        image_id, now = str(uuid.uuid4()), self.world.now()
        for event in _progress(image_id, index, prompt, request_id):
            await self.socket.send_json(event)
            if self.world.switches.broadcast:
                news = News([event])
                self.world.news.tell("imagine", self.account.user_id, news, self.hear)
        user_id = self.account.user_id
        self.world.files.note_generated(
            user_id, f"users/{user_id}/generated/{image_id}/image.jpg", now
        )
        post_image(self.world, user_id, prompt, _public_url(image_id))


def _progress(
    image_id: str, index: int, prompt: str, request_id: str
) -> tuple[dict[str, Any], ...]:
    """Start, picture, end of one image."""
    job = {"image_id": image_id, "job_id": request_id or image_id, "order": index}
    looks = {"width": 832, "height": 1248, "moderated": False, "r_rated": False}
    state = {"type": "json", **job, "prompt": prompt, **looks}
    image = {
        "type": "image",
        "url": _public_url(image_id),
        "blob": base64.b64encode(png(image_id)).decode(),
        "percentage_complete": 100,
        "grid_index": index,
    }
    return (
        {**state, "current_status": "start_stage", "percentage_complete": 0},
        image,
        {**state, "current_status": "completed", "percentage_complete": 100},
    )


def _public_url(image_id: str) -> str:
    return f"https://imagine-public.x.ai/imagine-public/images/{image_id}.jpg"


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
