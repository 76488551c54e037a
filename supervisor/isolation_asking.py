"""Asks the running mirror in a user's name, as a browser would; for the audit of isolation."""

import asyncio
import ssl
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby
from typing import Any

import aiohttp
import yarl

from core.isolation_plan import Attempt, SocketAttempt
from core.isolation_report import Told
from core.mirror_session import cookie_name
from core.settings import Settings
from core.strict_json import read_objects
from supervisor import banner
from supervisor.readiness import authority, pinned, reachable

type Frame = Mapping[str, Any]

AT_ONCE = 16
PATIENCE = 20.0
_RECOGNISED = "/rest/user-settings"
"""Answered by the mirror itself, and only to somebody it knows."""


class NotRecognisedError(Exception):
    """The mirror does not answer, or does not know the user."""


@dataclass(frozen=True, slots=True)
class Asker:
    """One user's way in."""

    http: aiohttp.ClientSession
    base: str
    tls: ssl.SSLContext | bool

    async def recognised(self, within: float = 10.0) -> None:
        """Wait until the mirror knows the user: it reads the database once a second."""
        last = asyncio.get_running_loop().time() + within
        while True:
            told = await self._ask("GET", _RECOGNISED)
            if told and told.status == 200:
                return
            if asyncio.get_running_loop().time() > last:
                raise NotRecognisedError(f"HTTP {told.status}" if told else "no answer")
            await asyncio.sleep(0.2)

    async def try_all(self, attempts: Sequence[Attempt]) -> list[Told | None]:
        """The answer to each, None where there was none."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(attempt: Attempt) -> Told | None:
            async with gate:
                return await self._ask(
                    attempt.method, attempt.target, attempt.body, attempt.content_type
                )

        return await asyncio.gather(*map(one, attempts))

    async def try_frames(
        self, attempts: Sequence[SocketAttempt], upstream_user: str
    ) -> list[list[Frame] | None]:
        """What the chat socket says to each frame, one socket for each path; nothing is what a
        socket says that cannot be opened because there is none."""
        found: list[list[Frame] | None] = []
        for target, some in groupby(attempts, lambda attempt: attempt.target):
            frames = [attempt.frame for attempt in some]
            said: list[list[Frame]] = []
            try:
                async with self._socket(target, upstream_user) as socket:
                    for frame in frames:
                        await socket.send_json(frame)
                        said.append(await _until(socket, "pong"))
            except aiohttp.WSServerHandshakeError as refused:
                said = [[]] * (len(frames) if refused.status == HTTPStatus.NOT_FOUND else 0)
            except _NO_ANSWER:
                pass
            found += [*said, *[None] * (len(frames) - len(said))]
        return found

    async def chat(self, upstream_user: str, text: str) -> None:
        """One question in a temporary conversation. Raises NotRecognisedError when it fails."""
        extras = {"is_temporary": True}
        session = {"model": "fast", "x_grok": extras}
        item = {
            "type": "message",
            "role": "user",
            "x_grok": {"input_chunks": [{"text": {"text": text}}]},
        }
        try:
            async with self._socket("/ws/mgw/", upstream_user) as socket:
                await socket.send_json(_event("session.create", session=session))
                said = await _until(socket, "conversation.attached", ping=False)
                named = {"session_id": said[-1].get("session_id")}
                await socket.send_json(named | _event("conversation.item.create", item=item))
                await socket.send_json(named | _event("response.create"))
                await _until(socket, "response.done", ping=False)
        except _NO_ANSWER as error:
            raise NotRecognisedError(f"chat: {type(error).__name__}") from error

    @asynccontextmanager
    async def _socket(
        self, path: str, upstream_user: str
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        url = f"{self.base}{path}?uid={upstream_user}"
        async with self.http.ws_connect(url, ssl=self.tls, timeout=_WAIT) as socket:
            yield socket

    async def _ask(
        self, method: str, target: str, body: bytes = b"", content_type: str = ""
    ) -> Told | None:
        headers = {"content-type": content_type} if content_type else {}
        url = yarl.URL(self.base + target, encoded=True)
        try:
            async with self.http.request(
                method,
                url,
                data=body or None,
                headers=headers,
                allow_redirects=False,
                ssl=self.tls,
            ) as answer:
                told = tuple((k.lower(), v) for k, v in answer.headers.items())
                return Told(answer.status, await answer.read(), told)
        except (aiohttp.ClientError, TimeoutError):
            return None


_NO_ANSWER = (aiohttp.ClientError, TimeoutError, ValueError, TypeError)
_WAIT = aiohttp.ClientWSTimeout(ws_close=1.0)


@asynccontextmanager
async def asking(settings: Settings, cookie: str) -> AsyncIterator[Asker]:
    """Asks at the mirror's own listener, in the name of whoever has this mirror session."""
    listen = authority(reachable((settings.bind, settings.port)))
    scheme = "https" if settings.tls_cert_file else "http"
    origin = banner.mirror_url(settings)
    headers = {
        "cookie": "; ".join(f"{cookie_name(s)}={cookie}" for s in ("http", "https")),
        "origin": origin,
        "host": yarl.URL(origin).authority,
        "accept": "*/*",
    }
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    tls = pinned(settings.tls_cert_file) if settings.tls_cert_file else True
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(
        headers=headers, timeout=timeout, connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as http:
        yield Asker(http, f"{scheme}://{listen}", tls)


async def _until(
    socket: aiohttp.ClientWebSocketResponse, kind: str, *, ping: bool = True
) -> list[Frame]:
    """Every frame up to one of this kind, which is left out if it was asked for."""
    if ping:
        await socket.send_json(_event("ping"))
    said: list[Frame] = []
    while True:
        text = await socket.receive_str(timeout=PATIENCE)
        for frame in read_objects(text.encode()):
            if frame.get("event", {}).get("type") == kind:
                return said if ping else [*said, frame]
            said.append(frame)


def _event(kind: str, **more: object) -> dict[str, Any]:
    return {"event": {"type": kind, "event_id": f"evt_{uuid.uuid4()}", **more}}
