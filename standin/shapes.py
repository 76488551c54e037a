"""Bodies in the shapes that slip past a filter: huge, oddly coded, mislabelled, in parts.

All off by default; the switches say which, and `shaped_path` for which answers.
"""

import fnmatch
import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from functools import partial

import brotli
import zstandard
from aiohttp import hdrs, web

from standin.media import Media, send_media
from standin.switches import Switches

ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": zstandard.ZstdCompressor().compress,
    "br": partial(brotli.compress, quality=4),
    "gzip": gzip.compress,
    "deflate": zlib.compress,
}


def is_shaped(request: web.Request, response: web.Response, switches: Switches) -> bool:
    """Good JSON answers of the chosen paths."""
    chosen = fnmatch.fnmatchcase(request.path, switches.shaped_path)
    return chosen and response.status == 200 and response.content_type == "application/json"


def shaped(request: web.Request, response: web.Response, switches: Switches) -> web.Response:
    """The same answer after all shaping switches, in the order in which a server would work."""
    body = response.body if isinstance(response.body, bytes) else b""
    if switches.pad_bytes:
        body = _padded(body, switches.pad_bytes)
    media_type = switches.content_type or response.content_type
    if switches.charset:
        body = body.decode().encode(switches.charset)
    label = f"{media_type}; charset={switches.charset or 'utf-8'}"
    if switches.force_encoding:
        body = ENCODERS.get(switches.force_encoding, bytes)(body)
    if switches.validators and request.method in {"GET", "HEAD"}:
        response = send_media(request, Media(body, media_type), private=True)
    else:
        response.body = body
    response.headers[hdrs.CONTENT_TYPE] = label
    if switches.force_encoding:
        response.headers[hdrs.CONTENT_ENCODING] = switches.force_encoding
    return response


def _padded(body: bytes, size: int) -> bytes:
    """At least `size` bytes, by a long field in each item of the first list, or at the top."""
    value, missing = json.loads(body), size - len(body)
    if missing <= 0 or not isinstance(value, dict):
        return body
    lists = (v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict))
    items = next(lists, [value])
    for item in items:
        item["padding"] = "x" * (missing // len(items) + 1)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
