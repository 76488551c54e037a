"""The web app's HTML on grok.com and its scripts, styles and font on cdn.grok.com.

Decides the headers and spellings of URLs that a mirror has to cope with.
"""

import base64
import hashlib
import json
import secrets
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from standin.gates import site_verification
from standin.media import Media, send_media
from standin.world import ACCOUNT, World, world_of

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
    text = _page(world_of(request), request, nonce, extra=())
    return _html(request, text, nonce)


def get_flight(request: web.Request) -> web.Response:
    """Flight data of a soft navigation."""
    headers = {
        "Vary": "rsc, next-router-state-tree, next-url",
        "Cache-Control": "private, no-store",
    }
    text = f'0:["standin",[["{request.path}",{{"home":"https://grok.com/"}}]]]\n'
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
    text = _page(world_of(request), request, nonce, extra=(json.dumps(shared),))
    return _html(request, text, nonce)


async def redirect_chat(request: web.Request) -> web.Response:
    """The older address of a conversation."""
    return _redirect(308, f"https://grok.com/c/{request.match_info['id']}")


async def redirect_tasks(request: web.Request) -> web.Response:
    """The older name of automations."""
    return _redirect(307, "https://grok.com/automations")


async def redirect_sign_in(request: web.Request) -> web.Response:
    """Signing in happens on another host."""
    return _redirect(307, "https://accounts.x.ai/sign-in?redirect=grok-com")


async def redirect_to_apex(request: web.Request) -> web.Response:
    """Www is only a way to the apex."""
    return _redirect(301, f"https://grok.com{request.rel_url.raw_path_qs}")


async def get_plain_page(request: web.Request) -> web.Response:
    """Hosts of which only the existence matters: sign-in, artifacts."""
    text = f"<!DOCTYPE html><title>{request.host}</title><p>{request.host} (stand-in)</p>"
    return web.Response(text=text, content_type="text/html")


def _redirect(status: int, location: str) -> web.Response:
    return web.Response(status=status, headers={"Location": location})


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


def _page(world: World, request: web.Request, nonce: str, extra: tuple[str, ...]) -> str:
    template = string.Template((_STATIC / "index.html").read_text("utf-8"))
    account = request.get(ACCOUNT)
    user_id = account.user_id if account else _NOBODY
    return template.substitute(
        title="Grok",
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
        flight="".join(map(_push, (_flight_row(user_id), *extra))),
    )


def _flight_row(user_id: str) -> str:
    """One row with absolute URLs in the three spellings seen in flight data."""
    picture = f"https:\\/\\/assets.grok.com\\/users\\/{user_id}\\/profile\\/content"
    return (
        f'3:["$","img",null,{{"src":"{picture}","home":"https://grok.com/",'
        '"ws":"wss:\\u002F\\u002Fgrok.com\\u002Fws\\u002Fmgw\\u002F"}]'
    )


def _push(row: str) -> str:
    """A flight row as a JavaScript string; its escaped slashes are kept as written."""
    quoted = row.replace('"', '\\"') if row.startswith("3:") else json.dumps(row)[1:-1]
    return f'self.__next_f.push([1,"{quoted}"]);'.replace("</", "<\\/")


PAGE_ROUTES = (
    web.get("/", get_page),
    web.get("/c/{id}", get_page),
    web.get("/project/{id}", get_page),
    web.get(r"/{name:projects|imagine|automations|skills|connectors|files|workspaces}", get_page),
    web.get(r"/{name:code|settings}{tail:(/.*)?}", get_page),
    web.get("/imagine/post/{id}", get_page),
    web.get("/share/{id}", get_share),
    web.get("/chat/{id}", redirect_chat),
    web.get("/tasks", redirect_tasks),
    web.get("/sign-in", redirect_sign_in),
)
CDN_ROUTES = (web.get("/_next/static/{path:.+}", get_cdn_file),)
WWW_ROUTES = (web.route("*", "/{tail:.*}", redirect_to_apex),)
PLAIN_ROUTES = (web.get("/{tail:.*}", get_plain_page),)
