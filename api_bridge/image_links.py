"""Addresses of Grok's images and videos that any browser can open for a week, and what answers
there.

Whoever has the address may see the image: chat clients show it without a key. Account and image are
sealed inside, so that an address tells nothing and nobody can make one.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPResponse
from urllib.parse import urlsplit

from flask import Flask, Request, Response, request

import db
from api_bridge.attachments import LARGEST_IMAGE, image_type
from api_bridge.door import Door
from api_bridge.errors import BadRequestError, GrokFailedError
from api_bridge.events import FailureKind, Image
from api_bridge.internal_listener import InternalListener
from api_bridge.lifeline import Lifeline
from api_bridge.ports import Caller
from api_bridge.refused import RefusedError
from core.settings import Settings

LIFETIME = 7 * 86_400
_KIND = "image link"
_ASSETS = "assets.grok.com"
_PUBLIC = frozenset({"imagine-public.x.ai", "imgen.x.ai", "vidgen.x.ai"})
_PATH = re.compile(r"/[\w./~-]+", re.ASCII)
_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "video/mp4"})
_RANGE = re.compile(r"bytes=\d{0,15}-\d{0,15}", re.ASCII)
_EXTENT = ("Accept-Ranges", "Content-Range", "Content-Length")
_PIECE = 65_536
_HEADERS = {
    "Cache-Control": "private, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_OWN = -1
"""Stands for the account of a caller who brought his own."""
_NOBODY = Caller("env")
"""On whose behalf an image is fetched: its address is the permission."""


@dataclass(frozen=True, slots=True)
class ImageLink:
    """What an address stands for; `account_id` 0 needs no account."""

    account_id: int
    host: str
    path: str
    expires: int

    def sealed(self) -> str:
        value = [self.account_id, self.host, self.path, self.expires]
        return db.seal_note(_KIND, json.dumps(value))

    @classmethod
    def opened(cls, token: str, now: float) -> "ImageLink | None":
        """None when it is not ours, or its time is over."""
        text = db.open_note(_KIND, token)
        link = cls(*json.loads(text)) if text else None
        return link if link and now < link.expires else None


def link_of(image: Image, now: float) -> ImageLink | None:
    """The link to an image; None for one that cannot be fetched from here."""
    parts = urlsplit(image.url)
    host, path = parts.hostname or _ASSETS, f"/{parts.path.lstrip('/')}"
    is_ours = (host == _ASSETS and image.account_id) or host in _PUBLIC
    if not is_ours or ".." in path or not _PATH.fullmatch(path):
        return None
    account_id = image.account_id if host == _ASSETS else 0
    return ImageLink(account_id, host, path, int(now) + LIFETIME)


class SealedImageLinks:
    """The real `ImageLinks`."""

    def __init__(
        self,
        listener: InternalListener,
        settings: Settings,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._listener, self._now = listener, now
        self._host = settings.host
        prefix = settings.mirror_api_prefix.strip("/")
        self._base = f"/{prefix}/v1/images" if prefix else "/v1/images"

    def url_of(self, image: Image, mirror_origin: str) -> str:
        """On the operator's public address, if he told one.

        What a caller's own token has made stays at Grok: that token is kept nowhere.
        """
        link = link_of(image, self._now())
        if link is None:
            is_absolute = "://" in image.url
            return image.url if is_absolute else f"https://{_ASSETS}/{image.url.lstrip('/')}"
        name = link.path.rpartition("/")[2] or "image"
        return f"{self._host or mirror_origin}{self._base}/{link.sealed()}/{name}"

    def content_of(self, image: Image, caller: Caller) -> bytes:
        """With the account that made it, which may be the caller's own."""
        is_own = caller.kind == "sso"
        link = link_of(replace(image, account_id=_OWN) if is_own else image, self._now())
        if link is None:
            raise BadRequestError("The image cannot be fetched.", code="not_found", status=404)
        door = Door(self._listener, caller, Lifeline()) if is_own else self._door(link)
        with _asked(door, link, {}) as answer:
            content = answer.read(LARGEST_IMAGE + 1)
        if len(content) > LARGEST_IMAGE or image_type(content) is None:
            raise BadRequestError("That is no image.", code="not_found", status=404)
        return content

    def serve_on(self, app: Flask) -> None:
        """Let the app answer for the addresses."""
        app.add_url_rule(f"{self._base}/<token>/<name>", "image", self._show)

    def _show(self, token: str, name: str) -> Response:
        link = ImageLink.opened(token, self._now())
        if link is None:
            raise BadRequestError("This image link is not valid.", code="not_found", status=404)
        with ExitStack() as stack:
            answer = stack.enter_context(_asked(self._door(link), link, _range(request)))
            kind = (answer.getheader("content-type") or "").partition(";")[0].strip().lower()
            if kind not in _SHOWN:
                raise BadRequestError("That is no image.", code="not_found", status=404)
            kept = stack.pop_all()
            headers = {**_HEADERS, **_extent(answer)}
            response = Response(_pieces(answer, kept), answer.status, headers, content_type=kind)
            response.call_on_close(kept.close)
            return response

    def _door(self, link: ImageLink) -> Door:
        return Door(self._listener, _NOBODY, Lifeline(), link.account_id or None)


def _range(asked: Request) -> dict[str, str]:
    """Players of videos ask for a part of one, and Safari plays none without."""
    wanted = asked.headers.get("range", "")
    return {"range": wanted} if _RANGE.fullmatch(wanted) else {}


def _extent(answer: HTTPResponse) -> dict[str, str]:
    """Which part this is, and how long."""
    found = {name: answer.getheader(name) for name in _EXTENT}
    return {name: value for name, value in found.items() if value}


@contextmanager
def _asked(door: Door, link: ImageLink, headers: Mapping[str, str]) -> Iterator[HTTPResponse]:
    try:
        with door.call("GET", f"/-/{link.host}{link.path}", headers=headers) as answer:
            yield answer
    except RefusedError as refused:
        if refused.failed.kind is FailureKind.NOT_FOUND:
            raise BadRequestError("The image is gone.", code="not_found", status=404) from refused
        raise GrokFailedError(refused.failed) from refused


def _pieces(answer: HTTPResponse, kept: ExitStack) -> Iterator[bytes]:
    with kept:
        while piece := answer.read1(_PIECE):
            yield piece
