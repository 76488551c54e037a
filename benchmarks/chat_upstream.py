"""Grok's chat as the API asks for it, over both transports and at the least cost.

Paced tokens say when they were sent; the question says how many there are and
how far apart: `250 tokens every 20 ms`.
"""

import asyncio
import base64
import hashlib
import json
import re
import time
import uuid

from core.socket_frames import text_frame

PATHS = ("/api/auth/session", "/rest/app-chat/conversations/new", "/ws/mgw/")

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_SESSION = json.dumps({"session": {"userId": "bench"}, "status": "authenticated"}).encode()


async def answer(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request whose path is one of these."""
    path = head.split(b" ", 2)[1].decode().partition("?")[0]
    if path == PATHS[0]:
        _send(writer, b"Content-Length: %d" % len(_SESSION), _SESSION)
    elif path == PATHS[1]:
        await _over_http(head, reader, writer)
    else:
        await _over_socket(head, reader, writer)


def _send(writer: asyncio.StreamWriter, header: bytes, body: bytes = b"") -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%b\r\n\r\n" % header + body)


def _asked(question: bytes) -> tuple[int, float]:
    """Tokens, and the seconds between them."""
    found = re.search(rb"(\d+) tokens every (\d+) ms", question)
    return (int(found[1]), int(found[2]) / 1000) if found else (0, 0.0)


async def _over_http(
    head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    length = re.search(rb"(?i)content-length: (\d+)", head)
    count, gap = _asked(await reader.readexactly(int(length[1]) if length else 0))
    _send(writer, b"Transfer-Encoding: chunked")
    _line(writer, {"conversation": {"conversationId": str(uuid.uuid4())}})
    said = []
    for _ in range(count):
        said.append(f"{time.monotonic():.6f} ")
        _line(writer, {"response": {"token": said[-1], "isThinking": False, "responseId": "r-1"}})
        await writer.drain()
        await asyncio.sleep(gap)
    whole = {"responseId": "r-1", "message": "".join(said), "sender": "ASSISTANT"}
    _line(writer, {"response": {"modelResponse": whole}})
    writer.write(b"0\r\n\r\n")


def _line(writer: asyncio.StreamWriter, result: dict[str, object]) -> None:
    line = json.dumps({"result": result}).encode() + b"\n"
    writer.write(b"%x\r\n%b\r\n" % (len(line), line))


async def _over_socket(
    head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    key = re.search(rb"(?i)sec-websocket-key: (\S+)", head)
    digest = hashlib.sha1((key[1] if key else b"") + _GUID, usedforsecurity=False).digest()
    writer.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n\r\n" % base64.b64encode(digest)
    )
    session, count, gap = _Session(writer), 0, 0.0
    while text := await _message(reader):
        event = json.loads(text)["event"]
        kind = event["type"]
        if kind == "session.create":
            session.tell("session.created", client_event_id=event["event_id"])
            session.tell("conversation.attached", conversation={"id": session.id})
        elif kind == "conversation.item.create":
            count, gap = _asked(text)
        elif kind == "response.create":
            await session.say(count, gap)
    writer.close()


class _Session:
    """One conversation on a socket of its own."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.id = str(uuid.uuid4())

    async def say(self, count: int, gap: float) -> None:
        self.tell("response.created", response={"id": "r-1", "status": "in_progress"})
        for _ in range(count):
            text = {"text": f"{time.monotonic():.6f} ", "channel": "CHANNEL_ASSISTANT_RESPONSE"}
            self.tell("response.chunk", chunk={"text": text})
            await self._writer.drain()
            await asyncio.sleep(gap)
        self.tell("response.done", response={"id": "r-1", "status": "completed"})

    def tell(self, kind: str, **fields: object) -> None:
        event = {"type": kind, "event_id": "e-1", **fields}
        data = json.dumps({"session_id": self.id, "event": event}).encode()
        self._writer.write(text_frame(data))


async def _message(reader: asyncio.StreamReader) -> bytes:
    """The next text of the client's; nothing at its end."""
    while True:
        first, second = await reader.readexactly(2)
        size = second & 127
        if size > 125:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
        mask = await reader.readexactly(4)
        data = await reader.readexactly(size)
        if first & 15 == 8:
            return b""
        if first & 15 == 1:
            return bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
