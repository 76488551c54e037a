"""The head of a request on its way upstream: stripped of what is ours or the hop's, with Origin,
Referer and query speaking of the upstream instead of the mirror.

Signed and tracing headers (`x-statsig-id`, `x-xai-request-id`, `baggage`, `traceparent`) and the
path pass byte for byte: the page computes them for exactly this request (grok-protocol §2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.origins import Origins

Headers = list[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-connection te trailer transfer-encoding upgrade".split()
)
DECODABLE = (b"gzip", b"br", b"zstd", b"deflate")

_OURS_OR_THE_FRONTS = frozenset(
    b"authorization cookie host forwarded via x-real-ip true-client-ip x-original-url "
    b"x-rewrite-url x-http-method-override x-http-method x-method-override "
    b"cf-connecting-ip cf-ipcountry cf-ray cf-visitor cdn-loop x-api-key api-key "
    b"origin referer accept-encoding content-length".split()
)
_STRIPPED_PREFIXES = (b"x-forwarded-", b"x-mirror-", b"proxy-", b"cf-access-")
_CLIENT_HINTS = b"sec-ch-ua"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What the rest of the chain decided about this request."""

    host: str
    cookie: str = ""
    user_agent: str = ""
    """The account's own User-Agent; empty leaves the browser's."""
    websocket: bool = False
    origin: str = ""
    """For a caller that is no page: the Origin and Referer a page would have sent."""
    keep_range: bool = False


def upstream_headers(
    incoming: Sequence[tuple[bytes, bytes]], origins: Origins, out: Outgoing
) -> Headers:
    """The complete header list for the upstream, Host first and one Cookie header last."""
    named = _named_in_connection(incoming)
    headers: Headers = [(b"host", out.host.encode())]
    for name, value in incoming:
        lowered = name.lower()
        if not _is_stripped(lowered, named, out):
            headers.append((name, value))
    headers += _mapped(incoming, origins)
    if out.origin:
        headers += [(b"origin", out.origin.encode()), (b"referer", f"{out.origin}/".encode())]
    headers += _framing(incoming, out)
    if out.user_agent:
        headers.append((b"user-agent", out.user_agent.encode()))
    if out.cookie:
        headers.append((b"cookie", out.cookie.encode()))
    return headers


def first(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes:
    """The first value of a header, empty when absent."""
    return next((value for key, value in headers if key.lower() == name), b"")


def _is_stripped(name: bytes, named: frozenset[bytes], out: Outgoing) -> bool:
    if name in HOP_BY_HOP or name in _OURS_OR_THE_FRONTS or name in named:
        return True
    if name.startswith(_STRIPPED_PREFIXES):
        return True
    if out.user_agent and (name == b"user-agent" or name.startswith(_CLIENT_HINTS)):
        return True
    return name in (b"range", b"if-range") and not out.keep_range


def _named_in_connection(incoming: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    values = [value for name, value in incoming if name.lower() == b"connection"]
    return frozenset(part.strip().lower() for value in values for part in value.split(b","))


def _mapped(incoming: Sequence[tuple[bytes, bytes]], origins: Origins) -> Headers:
    mapped = []
    for name in (b"origin", b"referer"):
        value = first(incoming, name).decode("latin-1")
        upstream = origins.to_upstream_url(value) if value else None
        if upstream:
            url = upstream.rstrip("/") if name == b"origin" else upstream
            mapped.append((name, url.encode("latin-1")))
    return mapped


def _framing(incoming: Sequence[tuple[bytes, bytes]], out: Outgoing) -> Headers:
    if out.websocket:
        return [(b"connection", b"Upgrade"), (b"upgrade", b"websocket")]
    headers: Headers = []
    offered = first(incoming, b"accept-encoding").lower()
    codings = [name for name in DECODABLE if name in offered]
    headers.append((b"accept-encoding", b", ".join(codings) or b"identity"))
    for name in (b"content-length", b"transfer-encoding"):
        if value := first(incoming, name):
            headers.append((name, value))
    return headers
