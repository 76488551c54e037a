"""Chat over HTTP: POST conversations/new and /{id}/responses, one JSON object a line.

Renders the steps of a turn into the older envelope, cut at odd byte borders.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from standin.conversations import Conversation
from standin.echo import ECHO
from standin.ledger import Stream
from standin.ndjson_lines import Line, closing, enveloped, fields_of, opening
from standin.personal import Personal
from standin.refusals import refuse
from standin.turn import (
    CutError,
    Question,
    Turn,
    mode_of,
    refusal_of,
    scenario_of_model,
)
from standin.world import account_of, world_of

_FILE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=/content|$)")


async def post_new(request: web.Request) -> web.StreamResponse:
    """`result.response.<field>` envelope, opened by the conversation."""
    body = await read_json(request)
    world, account = world_of(request), account_of(request)
    world.conversations.expire(world.now(), world.switches.temporary_ttl_s)
    question = _question(body)
    refused = refusal_of(world, account, question)
    if refused:
        return refuse(refused, retry_after=world.switches.retry_after)
    conversation = world.conversations.create(
        account.user_id, world.now(), temporary=bool(body.get("temporary"))
    )
    conversation.workspaces = world.records.chosen(
        "workspace", body.get("workspaceIds"), account.user_id
    )
    return await _answer(request, Turn(world, account, conversation, question), nested=True)


async def post_responses(request: web.Request) -> web.StreamResponse:
    """The same fields directly under `result`."""
    body = await read_json(request)
    world, account = world_of(request), account_of(request)
    conversation = owned_conversation(request)
    if conversation is None:
        return refuse("not_found")
    question = _question(body)
    refused = refusal_of(world, account, question)
    if refused:
        return refuse(refused, retry_after=world.switches.retry_after)
    return await _answer(request, Turn(world, account, conversation, question), nested=False)


async def read_json(request: web.Request) -> dict[str, Any]:
    """The body as an object whatever its content type; nonsense is an empty object."""
    try:
        value = json.loads(await request.text() or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def owned_conversation(request: web.Request) -> Conversation | None:
    """The conversation of the path when the account may see it."""
    world = world_of(request)
    world.conversations.expire(world.now(), world.switches.temporary_ttl_s)
    return world.conversations.owned(request.match_info["id"], account_of(request).user_id)


def _question(body: dict[str, Any]) -> Question:
    return Question(
        message=str(body.get("message", "")),
        mode=mode_of(body),
        parent_id=str(body.get("parentResponseId") or ""),
        file_ids=tuple(_file_ids(body)),
        scenario=scenario_of_model(str(body.get("modelName", ""))),
        personal=Personal.of_body(body),
    )


def _file_ids(body: dict[str, Any]) -> Iterator[str]:
    """Everywhere a body can name a file: attachments, and the inputs of Imagine."""
    media = (body.get("mediaGenInput") or {}).get("imageToImage") or {}
    edited = [*(body.get("imageEditUris") or ()), body.get("imageEditUri") or ""]
    for item in (*(body.get("fileAttachments") or ()), *(body.get("imageAttachments") or ())):
        yield str(item)
    for item in (*(media.get("inputAssets") or ()), *edited):
        found = _FILE_ID.search(str(item))
        if found:
            yield found[0]


async def _answer(request: web.Request, turn: Turn, *, nested: bool) -> web.StreamResponse:
    await turn.before_headers()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    world = turn.world
    with world.streams.stream("ndjson", request.path, turn.account.name) as stream:
        wire = _Wire(response, stream, world.switches.stream_piece_bytes)
        try:
            with turn.inflight():
                await _write(request, wire, turn, nested=nested)
        except CutError:
            stream.ended = "cut"
            _abort(request)
        else:
            await response.write_eof()
    return response


async def _write(request: web.Request, wire: "_Wire", turn: Turn, *, nested: bool) -> None:
    rid = turn.response_id
    if nested:
        await wire.send({"result": {"conversation": turn.conversation.as_json()}})
    for fields in opening(turn):
        await wire.send(enveloped({**fields, "responseId": rid}, nested=nested))
    if ECHO in request:
        await wire.send({"result": {"echo": request[ECHO].spellings()}})
    async for step in turn.steps():
        for fields in fields_of(step):
            await wire.send(enveloped({**fields, "responseId": rid}, nested=nested))
    for fields in closing(turn):
        await wire.send(enveloped(fields, nested=nested))
    if turn.status == "completed":
        await wire.send({"result": {"title": {"newTitle": turn.conversation.title}}})


@dataclass(slots=True)
class _Wire:
    """Writes lines in pieces: `size` bytes each, or one odd cut a line, inside a character."""

    response: web.StreamResponse
    stream: Stream
    size: int

    async def send(self, value: Line) -> None:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        raw = _utf8(text) + b"\n"
        for piece in _pieces(raw, self.size):
            await self.response.write(piece)
        self.stream.sent += len(raw)


def _pieces(raw: bytes, size: int) -> Iterator[bytes]:
    if not size:
        wide = next((i for i, byte in enumerate(raw) if byte & 0xC0 == 0x80), 0)
        size = wide or max(1, len(raw) // 2 | 1)
        yield raw[:size]
        yield raw[size:]
        return
    for start in range(0, len(raw), size):
        yield raw[start : start + size]


def _utf8(text: str) -> bytes:
    """UTF-8; half surrogate pairs become JSON escapes, the only legal way to send them."""
    return text.encode("utf-8", "backslashreplace")


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
