"""Uploads, old (JSON, at most 8 MB) and new (multipart, streamed to disk)."""

import base64
import binascii
import uuid
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import BodyPartReader, web

from standin.files import StoredFile
from standin.ndjson import read_json
from standin.refusals import NGINX_403, json_answer, refuse
from standin.world import account_of, world_of

JSON_LIMIT = 8 * 2**20
_PIECE = 65_536


async def upload_file(request: web.Request) -> web.Response:
    """Old: base64 in JSON, sometimes sent as text/plain; nginx refuses large bodies."""
    if (request.content_length or 0) > JSON_LIMIT:
        return web.Response(status=403, text=NGINX_403, content_type="text/html")
    body = await read_json(request)
    try:
        content = base64.b64decode(str(body.get("content", "")), validate=True)
        stored = await _store(request, body, content)
    except (binascii.Error, ValueError) as error:
        return json_answer({"code": 3, "message": str(error), "details": []}, status=400)
    return json_answer(stored.as_metadata())


async def _store(request: web.Request, body: dict[str, Any], content: bytes) -> StoredFile:
    world = world_of(request)
    name = str(body.get("fileName") or "file")
    kind = str(body.get("fileMimeType") or "application/octet-stream")

    async def pieces() -> AsyncIterator[bytes]:
        yield content

    return await world.files.store(account_of(request).user_id, name, kind, pieces(), world.now())


async def upload_direct(request: web.Request) -> web.Response:
    """New: part `file`; a bad image is a terminalError inside HTTP 200."""
    if not request.content_type.startswith("multipart/"):
        return refuse("invalid")
    upload_id = str(uuid.uuid4())
    try:
        stored = await _store_part(request)
    except ValueError as error:
        return json_answer({"uploadId": upload_id, "terminalError": {"message": str(error)}})
    if stored is None:
        return refuse("invalid")
    answer = {"uploadId": upload_id, "fileMetadata": stored.as_metadata(), "terminalError": None}
    return json_answer(answer)


async def _store_part(request: web.Request) -> StoredFile | None:
    stored, world = None, world_of(request)
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "file":
            kind = part.headers.get("Content-Type", "application/octet-stream")
            name = part.filename or "file"
            stored = await world.files.store(
                account_of(request).user_id, name, kind, _pieces(part), world.now()
            )
    return stored


async def _pieces(part: BodyPartReader) -> AsyncIterator[bytes]:
    while piece := await part.read_chunk(_PIECE):
        yield piece


ROUTES = (
    web.post("/rest/app-chat/upload-file", upload_file),
    web.post("/http/upload-file-v2/direct", upload_direct),
)
