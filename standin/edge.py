"""The outermost layer, Cloudflare's part: log, headers of the edge, content coding, cut bodies.

Knows nothing of what an answer means.
"""

import asyncio
import secrets

from aiohttp import hdrs, web

from standin.echo import ECHO, Echo, echo_body, echo_headers
from standin.gates import Handler
from standin.refusals import json_answer
from standin.shapes import ENCODERS, is_shaped, shaped
from standin.world import ENTRY, world_of

TEXT_TYPES = ("text/", "application/json", "application/javascript", "image/svg")
_WORTH_CODING = 256
_ODD_SIZES = (7, 1, 13, 3, 61, 2, 127, 5)


@web.middleware
async def recorder(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Write every request down, the refused ones too."""
    world = world_of(request)
    peer = request.transport.get_extra_info("peername") if request.transport else ("", 0)
    request[ENTRY] = world.log.open(
        method=request.method,
        host=request.host,
        sni=_sni(request),
        path=request.rel_url.raw_path,
        query=request.rel_url.raw_query_string,
        headers=[(k.decode("latin-1"), v.decode("latin-1")) for k, v in request.raw_headers],
        peer=(peer[0], peer[1]),
    )
    if world.switches.latency_ms:
        await asyncio.sleep(world.switches.latency_ms / 1000)
    response = await _answer(request, handler)
    request[ENTRY].status = response.status
    request[ENTRY].body_bytes = request.content.total_bytes
    return response


@web.middleware
async def finisher(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Echo, code and cut a finished body; streams and files pass as they are."""
    switches = world_of(request).switches
    if switches.echo:
        request[ECHO] = Echo.of(request)
    response = await handler(request)
    if not isinstance(response, web.Response) or response.prepared:
        return response
    if switches.echo:
        echo_body(request[ECHO], response)
    chunked = bool(switches.piece_bytes or switches.echo)
    if is_shaped(request, response, switches):
        response = shaped(request, response, switches)
        chunked = chunked or switches.chunked
    _encode(request, response, enabled=switches.compress)
    if chunked:
        return await _cut(request, response, switches.piece_bytes)
    return response


async def add_edge_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: also reaches WebSocket upgrades and streams."""
    headers = response.headers
    if ENTRY in request:  # an open socket shows its 101 at once
        request[ENTRY].status = response.status
    if ECHO in request:
        echo_headers(request[ECHO], response)
    headers["Server"] = "cloudflare"
    headers["cf-ray"] = f"{secrets.token_hex(8)}-HEL"
    headers["cf-cache-status"] = "DYNAMIC"
    if "cf-mitigated" in headers:
        return
    domain = ".x.ai" if request.host.endswith("x.ai") else ".grok.com"
    headers.add(
        "Set-Cookie",
        f"__cf_bm={secrets.token_urlsafe(48)}; Path=/; Domain={domain}; Max-Age=1800; "
        "HttpOnly; Secure; SameSite=None",
    )
    headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains; preload"
    headers["Alt-Svc"] = 'h3=":443"; ma=86400'
    headers["NEL"] = '{"report_to":"cf-nel","success_fraction":0.0,"max_age":604800}'
    headers["Report-To"] = (
        '{"group":"cf-nel","max_age":604800,'
        '"endpoints":[{"url":"https://a.nel.cloudflare.com/report/v4?s=standin"}]}'
    )


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The host the client asked for in TLS must be the one it names in HTTP."""
    sni = request[ENTRY].sni
    if sni and sni != request.host.partition(":")[0]:
        return json_answer({"code": 3, "message": "Misdirected request"}, status=421)
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return json_answer({"code": 5, "message": "Not Found", "details": []}, status=404)
    except web.HTTPMethodNotAllowed:
        return json_answer({"code": 12, "message": "Method Not Allowed"}, status=405)


def _sni(request: web.Request) -> str:
    tls = request.transport.get_extra_info("ssl_object") if request.transport else None
    return getattr(tls, "standin_sni", "") or ""


def _encode(request: web.Request, response: web.Response, *, enabled: bool) -> None:
    body = response.body
    if not isinstance(body, bytes) or hdrs.CONTENT_ENCODING in response.headers:
        return
    if request.method == "HEAD" or response.status in {204, 206, 304}:
        return
    if not response.content_type.startswith(TEXT_TYPES):
        return
    response.headers[hdrs.VARY] = "Accept-Encoding"
    coding = request.query.get("enc") or _accepted(request)
    worth = "enc" in request.query or len(body) >= _WORTH_CODING
    if enabled and worth and coding in ENCODERS:
        response.headers[hdrs.CONTENT_ENCODING] = coding
        response.body = ENCODERS[coding](body)


def _accepted(request: web.Request) -> str:
    """The first of our codings that the client takes; parameters are ignored."""
    offered = request.headers.get(hdrs.ACCEPT_ENCODING, "").lower()
    names = {part.partition(";")[0].strip() for part in offered.split(",")}
    return next((name for name in ENCODERS if name in names), "")


async def _cut(request: web.Request, response: web.Response, size: int) -> web.StreamResponse:
    """The same answer, chunked, in pieces of `size` or of odd sizes."""
    body = response.body if isinstance(response.body, bytes) else b""
    if request.method == "HEAD" or not body or response.status in {204, 206, 304}:
        return response
    headers = response.headers.copy()
    headers.popall(hdrs.CONTENT_LENGTH, None)
    stream = web.StreamResponse(status=response.status, reason=response.reason, headers=headers)
    stream.enable_chunked_encoding()
    await stream.prepare(request)
    sizes = iter(()) if size else iter(_ODD_SIZES)
    position = 0
    while position < len(body):
        step = size or next(sizes, 509)
        await stream.write(body[position : position + step])
        position += step
    await stream.write_eof()
    return stream
