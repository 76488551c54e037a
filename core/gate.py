"""The request gate: which request heads may enter at all, before anybody asks who sent them.

mitmproxy forwards TRACE, absolute-form targets, control bytes and look-alike headers as they
come, so everything the rest of the chain relies on is established here.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.refusals import BAD_REQUEST, METHOD_NOT_ALLOWED, NOT_FOUND, Refusal

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 * 1024
MAX_TARGET_BYTES = 8 * 1024

_VERSIONS = frozenset({"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"})
_TARGET = re.compile(rb"/(?![/\\])[!-\[\]-~]*\Z")
"""Origin-form: one leading slash, visible ASCII, no backslash."""
_HIDDEN_IN_PATH = re.compile(rb"(?i)%(?:2f|5c|00)|/(?:\.|%2e){1,2}(?:/|$)")
_NAME = re.compile(rb"[!#$%&'*+\-.^`|~0-9A-Za-z]+\Z")
_FORBIDDEN_IN_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_AT_MOST_ONCE = frozenset({b"host", b"authorization", b"content-type", b"content-length"})


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What arrived: `target` is the raw request target, `authority` that of an absolute form."""

    method: str
    target: bytes
    http_version: str
    headers: Sequence[tuple[bytes, bytes]]
    authority: bytes = b""


def verdict(head: RequestHead) -> Refusal | None:
    """The refusal this head earns, or None when it may enter (security §6.2)."""
    if head.method not in METHODS:
        return METHOD_NOT_ALLOWED
    if head.http_version not in _VERSIONS or not _target_is_plain(head):
        return BAD_REQUEST
    if not _headers_are_sane(head.headers):
        return BAD_REQUEST
    return NOT_FOUND if _asks_for_a_service_worker(head.headers) else None


def _target_is_plain(head: RequestHead) -> bool:
    # HTTP/2 always carries an authority; over HTTP/1 it means an absolute-form target.
    if head.authority and head.http_version != "HTTP/2.0":
        return False
    if len(head.target) > MAX_TARGET_BYTES or not _TARGET.match(head.target):
        return False
    return not _HIDDEN_IN_PATH.search(head.target.partition(b"?")[0])


def _headers_are_sane(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    if len(headers) > MAX_HEADERS or sum(len(n) + len(v) for n, v in headers) > MAX_HEADER_BYTES:
        return False
    seen: Counter[bytes] = Counter()
    for name, value in headers:
        # An underscore passes for a dash in many servers: refuse the look-alike.
        if not _NAME.match(name) or b"_" in name or _FORBIDDEN_IN_VALUE.search(value):
            return False
        seen[name.lower()] += 1
    return not any(seen[name] > 1 for name in _AT_MOST_ONCE)


def _asks_for_a_service_worker(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    # A worker registered by a hostile script would outlive every session on this origin.
    return any(
        (name.lower() == b"service-worker" and value.lower() == b"script")
        or (name.lower() == b"sec-fetch-dest" and value.lower() == b"serviceworker")
        for name, value in headers
    )
