"""Bytes of the media hosts: user files behind the cookie gate, public media without one.

Decides ranges, validators and who may read; knows nothing of chats.
"""

import hashlib
import re
from dataclasses import dataclass

from aiohttp import web

from standin.files import mp4, png
from standin.refusals import refuse
from standin.world import ACCOUNT, world_of

_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


@dataclass(frozen=True, slots=True)
class Media:
    """A finished body with its type and validator."""

    body: bytes
    media_type: str

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


async def get_user_file(request: web.Request) -> web.StreamResponse:
    """Needs the cookies of the account whose folder it is; 403 otherwise."""
    account, user_id = request.get(ACCOUNT), request.match_info["user_id"]
    if account is None or account.refusal or account.user_id != user_id:
        return web.Response(status=403, text="Forbidden")
    world = world_of(request)
    parts = request.match_info["tail"].split("/")
    stored = world.files.get(parts[0], user_id)
    if stored is not None:
        headers = {
            "Content-Type": stored.media_type,
            "Cache-Control": "private, max-age=3600",
            "ETag": f'"{stored.sha256[:32]}"',
        }
        return web.FileResponse(stored.path, headers=headers)
    media = _made_up(request.path)
    return send_media(request, media, private=True) if media else refuse("not_found")


async def get_public(request: web.Request) -> web.Response:
    """Public media need no cookie."""
    media = _made_up(request.path)
    return send_media(request, media, private=False) if media else refuse("not_found")


def send_media(request: web.Request, media: Media, *, private: bool) -> web.Response:
    """200, 206, 304 or 416, as the validators and the range ask."""
    headers = {
        "ETag": media.etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600" if private else "public, max-age=86400",
    }
    if request.query.get("dl"):
        headers["Content-Disposition"] = "attachment"
    if media.etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    span = _span(request.headers.get("Range", ""), len(media.body))
    if span is None:
        return web.Response(body=media.body, content_type=media.media_type, headers=headers)
    start, end = span
    if start >= end:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(media.body)}"})
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(media.body)}"
    part = media.body[start:end]
    return web.Response(status=206, body=part, content_type=media.media_type, headers=headers)


def _span(header: str, size: int) -> tuple[int, int] | None:
    """Half-open range; None when the whole body is wanted or the header is nonsense."""
    found = _RANGE.match(header)
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size
    return int(found[1]), min(size, int(found[2]) + 1 if found[2] else size)


def _made_up(path: str) -> Media | None:
    """Generated media exist as soon as they are asked for."""
    if path.endswith(".mp4"):
        return Media(mp4(path), "video/mp4")
    if "/generated/" in path or path.endswith((".jpg", ".png", "/profile/content")):
        return Media(png(path), "image/png")
    return None


ASSET_ROUTES = (web.get("/users/{user_id}/{tail:.+}", get_user_file),)
PUBLIC_ROUTES = (
    web.get("/imagine-public/{tail:.+}", get_public),
    web.get("/{tail:.+}", get_public),
)
