"""The web app's HTML on grok.com and its scripts, styles and font on cdn.grok.com.

Decides the headers and spellings of URLs that a mirror has to cope with.
"""

import base64
import hashlib
import html
import secrets
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from standin.conversations import Conversation
from standin.flight import picture_row, pushes, rows_of, shared_row, sidebar
from standin.gates import site_verification
from standin.media import Media, send_media
from standin.world import ACCOUNT, world_of

_STATIC = Path(__file__).parent / "static"
_CDN = "https://cdn.grok.com/_next/static"
_NOBODY = "00000000-0000-4000-8000-000000000000"
_JS, _CSS = "application/javascript", "text/css"

PAGE_POLICY = "; ".join(
    (
        "default-src 'self' https://cdn.grok.com",
        "script-src 'self' 'nonce-{nonce}' https://cdn.grok.com",
        "style-src 'self' 'unsafe-inline' https://cdn.grok.com",
        "img-src 'self' data: blob: https://assets.grok.com https://cdn.grok.com"
        " https://imagine-public.x.ai",
        "font-src 'self' https://cdn.grok.com",
        "connect-src 'self' wss://grok.com https://assets.grok.com wss://livekit.grok.com"
        " https://featureassets.org",
        "frame-src https://artifacts.grokusercontent.com",
        "form-action 'self' https://accounts.x.ai",
        "frame-ancestors https://x.com https://starfleet.teachx.ai",
    )
)


@dataclass(frozen=True, slots=True)
class CdnFile:
    """One static file with its content hash in the name, as Next.js deploys it."""

    path: str
    media: Media

    @property
    def url(self) -> str:
        return f"{_CDN}/{self.path}"

    @property
    def integrity(self) -> str:
        digest = hashlib.sha384(self.media.body).digest()
        return "sha384-" + base64.b64encode(digest).decode()


def _load(name: str, folder: str, media_type: str) -> CdnFile:
    body = (_STATIC / name).read_bytes()
    stem, _, suffix = name.rpartition(".")
    digest = hashlib.sha256(body).hexdigest()[:12]
    return CdnFile(f"{folder}/{stem}-{digest}.{suffix}", Media(body, media_type))


APP = _load("app.js", "chunks", _JS)
CONSTANTS = _load("constants.js", "chunks", _JS)
STYLE = _load("app.css", "css", _CSS)
CDN_FILES: Mapping[str, Media] = {
    **{file.path: file.media for file in (APP, CONSTANTS, STYLE)},
    "media/icon.svg": Media((_STATIC / "icon.svg").read_bytes(), "image/svg+xml"),
    "media/standin.woff2": Media(b"wOF2" + hashlib.shake_128(b"font").digest(2_044), "font/woff2"),
    "chunks/lookalikes.js": Media(
        b'self.__never_rewrite=["notgrok.com","https://grok.com.evil.example/","grok.company"];',
        _JS,
    ),
}


async def get_cdn_file(request: web.Request) -> web.Response:
    """Immutable, readable from any origin."""
    media = CDN_FILES.get(request.match_info["path"])
    if media is None:
        raise web.HTTPNotFound
    response = send_media(request, media, private=False)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


async def get_page(request: web.Request) -> web.Response:
    """The shell is the same for every route; `_rsc` asks for its flight data only."""
    if "_rsc" in request.query or request.headers.get("rsc") == "1":
        return get_flight(request)
    nonce = secrets.token_urlsafe(16)
    text = _page(request, nonce, ())
    return _html(request, text, nonce)


def get_flight(request: web.Request) -> web.Response:
    """Flight data of a soft navigation."""
    headers = {
        "Vary": "rsc, next-router-state-tree, next-url",
        "Cache-Control": "private, no-store",
    }
    text = f'0:["standin",[["{request.path}",{{"home":"https://grok.com/"}}]]]\n'
    text += rows_of(world_of(request), request.get(ACCOUNT), _current(request))
    return web.Response(text=text, content_type="text/x-component", headers=headers)


async def get_share(request: web.Request) -> web.Response:
    """A shared conversation is public and comes inside the flight data of the page."""
    store = world_of(request).conversations
    conversation_id, _ = store.share_links.get(request.match_info["id"], ("", ""))
    conversation = store.any(conversation_id)
    if conversation is None:
        raise web.HTTPNotFound
    said = [response.as_json() for response in conversation.responses.values()]
    shared = {"conversation": conversation.as_json(), "responses": said}
    nonce = secrets.token_urlsafe(16)
    text = _page(request, nonce, (shared_row(shared),))
    return _html(request, text, nonce)


def _html(request: web.Request, text: str, nonce: str) -> web.Response:
    response = web.Response(text=text, content_type="text/html", charset="utf-8")
    headers = response.headers
    headers["Content-Security-Policy"] = PAGE_POLICY.format(nonce=nonce)
    headers["X-Frame-Options"] = "DENY"
    headers["Cache-Control"] = "private, no-cache, no-store, max-age=0, must-revalidate"
    headers["Link"] = "<https://cdn.grok.com>; rel=preconnect; crossorigin"
    headers.add(
        "Set-Cookie",
        f"grok_device_id={uuid.uuid4()}; Domain=.grok.com; Path=/; Max-Age=31536000; Secure",
    )
    headers.add("Set-Cookie", "i18nextLng=en; Path=/; Max-Age=31536000")
    account = request.get(ACCOUNT)
    if account is not None:
        cookie = f"x-userid={account.user_id}; Domain=.grok.com; Path=/; Secure; HttpOnly"
        headers.add("Set-Cookie", cookie)
    return response


def _page(request: web.Request, nonce: str, extra: tuple[str, ...]) -> str:
    template = string.Template((_STATIC / "index.html").read_text("utf-8"))
    world, account, current = world_of(request), request.get(ACCOUNT), _current(request)
    user_id = account.user_id if account else _NOBODY
    mine = world.conversations.listed(user_id)
    rows = pushes(rows_of(world, account, current), mine[0].conversation_id if mine else "")
    return template.substitute(
        title=html.escape(f"{current.title} - Grok" if current else "Grok"),
        path=request.rel_url.raw_path,
        verification=site_verification(world.seed),
        trace=uuid.uuid4().hex,
        nonce=nonce,
        css_url=STYLE.url,
        css_integrity=STYLE.integrity,
        constants_url=CONSTANTS.url,
        constants_integrity=CONSTANTS.integrity,
        app_url=APP.url,
        app_integrity=APP.integrity,
        sidebar=sidebar(world, account),
        flight="".join((picture_row(user_id), *rows, *extra)),
    )


def _current(request: web.Request) -> Conversation | None:
    """The conversation of /c/{id}, when the account has it."""
    account = request.get(ACCOUNT)
    if account is None or not request.path.startswith("/c/"):
        return None
    store = world_of(request).conversations
    return store.owned(request.match_info["id"], account.user_id)


PAGE_ROUTES = (
    web.get("/", get_page),
    web.get("/c/{id}", get_page),
    web.get("/project/{id}", get_page),
    web.get(r"/{name:projects|imagine|automations|skills|connectors|files|workspaces}", get_page),
    web.get(r"/{name:code|settings}{tail:(/.*)?}", get_page),
    web.get("/imagine/post/{id}", get_page),
    web.get("/share/{id}", get_share),
)
CDN_ROUTES = (web.get("/_next/static/{path:.+}", get_cdn_file),)
