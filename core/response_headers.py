"""The head of an answer on its way to the browser: an allow-list, with URLs of the mirror.

Whatever is not named here stays behind: HSTS, NEL, Alt-Svc, CORS and Set-Cookie of the upstream
would bind the operator's own domain, or tell the browser where Grok is.
"""

import re
from collections.abc import Iterable, Sequence

from core.csp import SANDBOX_CSP, SANDBOX_SCRIPTS_CSP, mirror_csp
from core.origins import Origins, UpstreamHost

Headers = list[tuple[bytes, bytes]]

PASSING = frozenset(
    b"accept-ranges age cache-control content-disposition content-encoding content-language "
    b"content-length content-range content-type date etag expires last-modified retry-after vary "
    b"grpc-status grpc-message grpc-encoding cf-mitigated x-matched-path x-nextjs-cache "
    b"x-nextjs-prerender x-nextjs-stale-time x-robots-tag".split()
)
WEBSOCKET_PASSING = frozenset(
    b"connection upgrade "
    b"sec-websocket-accept sec-websocket-protocol sec-websocket-extensions".split()
)
_REFRESH = re.compile(r"(?i)\s*(?P<delay>[\d.]+)\s*(?:[;,\s]\s*(?:url\s*=\s*)?(?P<url>.*))?\Z")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
QUOTES = " \"'"
_LOST_WHEN_REWRITTEN = frozenset(b"content-encoding content-length etag accept-ranges".split())
_NOT_SHARED = (b"text/html", b"application/json", b"text/x-component", b"application/x-ndjson")


def browser_headers(
    upstream: Sequence[tuple[bytes, bytes]],
    origins: Origins,
    host: UpstreamHost,
    script_sources: tuple[str, ...] = (),
) -> Headers:
    """Everything of an ordinary answer but its cookies.

    `script_sources` are what a snippet that is put into pages needs to run.
    """
    headers = [(n, v) for n, v in upstream if n.lower() in PASSING]
    headers += _with_urls(upstream, origins, host)
    content_type = _first(upstream, b"content-type").lower()
    if content_type.startswith(_NOT_SHARED):
        headers = [(n, v) for n, v in headers if n.lower() not in (b"cache-control", b"expires")]
        headers.append((b"cache-control", b"private, no-store"))
    headers += [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"x-frame-options", b"SAMEORIGIN"),
    ]
    if host.sandbox:
        policy = SANDBOX_CSP if host.sandbox == "files" else SANDBOX_SCRIPTS_CSP
        headers.append((b"content-security-policy", policy.encode()))
    elif content_type.startswith(b"text/html"):
        headers.append((b"cross-origin-opener-policy", b"same-origin-allow-popups"))
        policy = mirror_csp(_policy(upstream), origins, script_sources)
        headers.append((b"content-security-policy", policy.encode("latin-1", "replace")))
    return headers


def handshake_headers(upstream: Iterable[tuple[bytes, bytes]]) -> Headers:
    """What a 101 answer may carry."""
    return [(n, v) for n, v in upstream if n.lower() in WEBSOCKET_PASSING]


def without_framing(headers: Headers) -> Headers:
    """The same head for a body that will be decoded and edited."""
    return [(n, v) for n, v in headers if n.lower() not in _LOST_WHEN_REWRITTEN]


def _with_urls(
    upstream: Iterable[tuple[bytes, bytes]], origins: Origins, host: UpstreamHost
) -> Headers:
    rewritten: Headers = []
    for name, value in upstream:
        text = value.decode("latin-1")
        match name.lower():
            case b"location" | b"content-location":
                text = location(text, origins, host)
            case b"refresh":
                text = _refresh(text, origins, host)
            case b"link":
                text = _link(text, origins)
            case _:
                continue
        if text:
            rewritten.append((name, text.encode("latin-1")))
    return rewritten


def location(url: str, origins: Origins, host: UpstreamHost) -> str:
    """Where a redirect of `host` leads on the mirror; a host that is not mapped leads to the start
    page, because a visitor must not be walked off the mirror by a header."""
    if _CONTROL.search(url):
        return "/"  # browsers leave these out before they read
    if _is_root_relative(url):
        url = f"https://{host.name}{url}"
    if mapped := origins.to_mirror_url(url):
        return mapped
    leaves = ":" in url.split("/")[0] or url.startswith(("/", "\\"))
    return "/" if leaves else url


def _refresh(value: str, origins: Origins, host: UpstreamHost) -> str:
    """Browsers take the URL without `url=` too."""
    found = _REFRESH.match(value)
    if not found:
        return ""
    url = (found["url"] or "").strip(QUOTES)
    return f"{found['delay']}; url={location(url, origins, host)}" if url else found["delay"]


def _is_root_relative(url: str) -> bool:
    return url.startswith("/") and not url.startswith(("//", "/\\"))


def _link(value: str, origins: Origins) -> str:
    kept = []
    for part in value.split(","):
        target, bracket, rest = part.strip().removeprefix("<").partition(">")
        mapped = origins.to_mirror_url(target)
        if bracket and (mapped or _is_root_relative(target)):
            kept.append(f"<{mapped or target}>{rest}")
    return ", ".join(kept)


def _policy(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    values = [v.decode("latin-1") for n, v in headers if n.lower() == b"content-security-policy"]
    return ", ".join(values) or None


def _first(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    return next((value for key, value in headers if key.lower() == name), b"")
