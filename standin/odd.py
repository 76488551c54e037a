"""Nonsense on the wire, one dedicated path each: /standin/odd/<name>.

Written straight to the transport, below everything that would keep it correct.
"""

import asyncio
import fnmatch
import gzip
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping

from aiohttp import web

from standin.gates import Handler
from standin.world import world_of

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_BOMB_BYTES = 512 * 2**20
_ENDLESS_BYTES = 64 * 2**20

RAW: Mapping[str, bytes] = {
    "te_and_cl": _HEAD
    + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "two_lengths": _HEAD + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
    "bad_status": b"HTTP/1.1 2OO Sure\r\nContent-Length: 2\r\n\r\n{}",
    "bad_version": b"ICY 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "short_body": _HEAD + b'Content-Length: 4096\r\n\r\n{"half":',
    "long_body": _HEAD + b'Content-Length: 2\r\nConnection: close\r\n\r\n{}{"more":1}',
    "bad_chunk": _HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "cut_chunk": _HEAD + b'Transfer-Encoding: chunked\r\n\r\n40\r\n{"half":',
    "header_injection": _HEAD + b"X-Bad: a\rSet-Cookie: b=c\r\nContent-Length: 2\r\n\r\n{}",
    "no_answer": b"",
}
"""Whole answers, sent as they stand before the connection is closed."""


async def get_odd(request: web.Request) -> web.StreamResponse:
    """Nonsense by name."""
    return await answer_oddly(request, request.match_info["name"])


@web.middleware
async def oddity(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The same nonsense on the real paths, while the switch is on."""
    switches = world_of(request).switches
    if switches.odd and fnmatch.fnmatchcase(request.path, switches.odd_path):
        return await answer_oddly(request, switches.odd)
    return await handler(request)


async def answer_oddly(request: web.Request, name: str) -> web.StreamResponse:
    """Send the nonsense with this name."""
    if name in RAW:
        return await _write_raw(request, RAW[name])
    answer = _LIVE.get(name)
    if answer is None:
        raise web.HTTPNotFound
    return await answer(request)


async def _write_raw(request: web.Request, raw: bytes) -> web.StreamResponse:
    transport = request.transport
    assert transport is not None
    transport.write(raw)
    transport.close()
    raise asyncio.CancelledError


async def _endless_headers(request: web.Request) -> web.StreamResponse:
    lines = (b"X-Endless-%d: %s\r\n" % (n, b"x" * 1_000) for n in range(_ENDLESS_BYTES // 1_000))
    return await _pour(request, _HEAD, lines)


async def _many_hints(request: web.Request) -> web.StreamResponse:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"
    return await _pour(request, b"", (hint for _ in range(100_000)))


async def _endless_body(request: web.Request) -> web.StreamResponse:
    chunks = (b"400\r\n" + b"x" * 1_024 + b"\r\n" for _ in range(_ENDLESS_BYTES // 1_024))
    return await _pour(request, _HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunks)


async def _pour(request: web.Request, head: bytes, pieces: Iterator[bytes]) -> web.StreamResponse:
    """Write as fast as the client reads, up to a bound, then close."""
    transport = request.transport
    assert transport is not None
    transport.write(head)
    for piece in pieces:
        if transport.is_closing():
            break
        transport.write(piece)
        await asyncio.sleep(0)  # let the loop notice that the client has gone
        while _is_full(transport):  # noqa: ASYNC110 - a transport has no drain event
            await asyncio.sleep(0.005)
    transport.close()
    raise asyncio.CancelledError


def _is_full(transport: asyncio.Transport) -> bool:
    return transport.get_write_buffer_size() > 2**20 and not transport.is_closing()


async def _early_hints(request: web.Request) -> web.StreamResponse:
    """Legal, if rare: one 103 before the answer."""
    assert request.transport is not None
    request.transport.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
    return web.json_response({"ok": True})


async def _gzip_bomb(request: web.Request) -> web.StreamResponse:
    """Half a gigabyte of zeros in half a megabyte."""
    response = web.StreamResponse(
        headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}
    )
    await response.prepare(request)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(_BOMB_BYTES // 2**20):
        await response.write(packer.compress(bytes(2**20)))
        await asyncio.sleep(0)
    await response.write(packer.flush())
    return response


async def _broken_gzip(request: web.Request) -> web.StreamResponse:
    body = gzip.compress(b'{"ok":true}' * 50)
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    return web.Response(body=body[:30] + b"garbage", headers=headers)


async def _truncated_json(request: web.Request) -> web.StreamResponse:
    return web.Response(
        text='{"conversations":[{"conversationId":"a', content_type="application/json"
    )


async def _invalid_utf8(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b'{"title":"\xff\xfe\xc3("}', content_type="application/json")


_LIVE: Mapping[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
    "endless_headers": _endless_headers,
    "endless_body": _endless_body,
    "many_hints": _many_hints,
    "early_hints": _early_hints,
    "gzip_bomb": _gzip_bomb,
    "broken_gzip": _broken_gzip,
    "truncated_json": _truncated_json,
    "invalid_utf8": _invalid_utf8,
}

ROUTES = (web.get("/standin/odd/{name}", get_odd),)
