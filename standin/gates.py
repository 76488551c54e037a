"""Who gets past: the edge gate, the signed-path gate, the origin check and the sign-in gate.

Each gate is a function of the request that returns a refusal or None; `gatekeeper` runs them.
"""

import base64
import fnmatch
import hashlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from standin.accounts import Account
from standin.refusals import refuse
from standin.switches import Switches
from standin.world import ACCOUNT, ENTRY, World, world_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ORIGINS = frozenset({"https://grok.com", "https://www.grok.com"})
GATED_PREFIXES = ("/rest/", "/http/", "/ws/mgw/", "/ws/imagine/", "/grok_api_v2.", "/auth_mgmt.")


@web.middleware
async def gatekeeper(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Order as at the real site: the edge first, then the application."""
    world = world_of(request)
    request[ENTRY].statsig = statsig_state(request, world.seed)
    refusal = (
        edge_refusal(request, world.switches)
        or origin_refusal(request)
        or signed_refusal(request, world.switches)
        or session_refusal(request, world)
    )
    return refusal or await handler(request)


def edge_refusal(request: web.Request, switches: Switches) -> web.Response | None:
    """Cloudflare: clearance and user agent must belong together, on any path of any host."""
    if not switches.edge_gate:
        return None
    cleared = request.cookies.get("cf_clearance") == switches.clearance
    agent = request.headers.get("User-Agent", "")
    same_agent = not switches.user_agent or agent == switches.user_agent
    return None if cleared and same_agent else refuse("cf")


def origin_refusal(request: web.Request) -> web.Response | None:
    """A foreign Origin on a write, and any but ours on a WebSocket, is an anti-bot case."""
    if request.host != "grok.com":
        return None
    origin = request.headers.get("Origin")
    if _is_websocket(request):
        return None if origin in ORIGINS else refuse("antibot")
    safe = request.method in {"GET", "HEAD", "OPTIONS"}
    return None if safe or origin is None or origin in ORIGINS else refuse("antibot")


def signed_refusal(request: web.Request, switches: Switches) -> web.Response | None:
    """Paths that need the page's signature and an Origin of the page."""
    if switches.signed == "off" or not _is_signed_path(request, switches):
        return None
    wanted = {"right"} if switches.signed == "exact" else {"right", "wrong"}
    signed = request[ENTRY].statsig in wanted
    return None if signed and "Origin" in request.headers else refuse("antibot")


def session_refusal(request: web.Request, world: World) -> web.Response | None:
    """The sign-in gate; notes the account on the request for whoever answers it."""
    account = _account_in(request, world)
    if account is not None:
        request[ACCOUNT] = account
        request[ENTRY].account = account.name
    if request.host != "grok.com" or not request.path.startswith(GATED_PREFIXES):
        return None
    if _is_grpc(request):
        return None
    sso, sso_rw = request.cookies.get("sso"), request.cookies.get("sso-rw")
    if account is None or sso != sso_rw:
        only = bool(account and sso_rw is None and world.switches.sso_only_is_403)
        return refuse("antibot" if only else "signed_out")
    return account_refusal(account, world)


def account_refusal(account: Account, world: World) -> web.Response | None:
    """How every request of this account fails now."""
    if not account.refusal:
        return None
    return refuse(account.refusal, retry_after=world.switches.retry_after)


def statsig_state(request: web.Request, seed: str) -> str:
    """absent, wrong or right: what became of the page's signature on the way."""
    value = request.headers.get("x-statsig-id", "")
    if not value:
        return "absent"
    try:
        raw = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode("ascii")
    except ValueError:
        return "wrong"
    nonce, _, _ = raw.partition(".")
    right = toy_signature(nonce, request.method, request.rel_url.raw_path, site_verification(seed))
    return "right" if value == right else "wrong"


def site_verification(seed: str) -> str:
    """Content of the page's `grok-site-verification` meta."""
    return base64.b64encode(hashlib.sha256(f"meta:{seed}".encode()).digest()).decode()


def toy_signature(nonce: str, method: str, path: str, verification: str) -> str:
    """What the page script computes: six FNV-1a rounds over method, path and meta, base64.

    A toy of 94 characters like the real one; static/app.js holds the same in JavaScript.
    """
    text = f"{nonce}!{method}!{path}!{verification}"
    rounds = "".join(f"{_fnv1a(f'{number}{text}'):08x}" for number in range(6))
    return base64.b64encode(f"{nonce}.{rounds}".encode()).decode().rstrip("=")


def _fnv1a(text: str) -> int:
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def _account_in(request: web.Request, world: World) -> Account | None:
    sso = request.cookies.get("sso", "")
    return world.accounts.with_token(sso) if sso else None


def _is_signed_path(request: web.Request, switches: Switches) -> bool:
    line = f"{request.method} {request.path}"
    return any(fnmatch.fnmatchcase(line, pattern) for pattern in switches.signed_paths)


def _is_websocket(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _is_grpc(request: web.Request) -> bool:
    """gRPC-web says "signed out" in its trailer, with HTTP status 200."""
    return request.path.startswith(("/grok_api_v2.", "/auth_mgmt."))
