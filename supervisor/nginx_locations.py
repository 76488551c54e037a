"""Where the front sends what: to a proxy, to its cache, or to the bridge once a proxy agrees.

Whatever a client says under a name of ours is replaced or removed on each of these ways.
"""

from collections.abc import Iterable
from pathlib import Path

from supervisor.front_plan import FrontPlan

_OVERWRITTEN = (
    ("X-Mirror-Front", "{secret}"),
    ("X-Mirror-Peer", "$remote_addr"),
    ("X-Mirror-Scheme", "$scheme"),
    ("X-Mirror-Secret", '""'),
    ("X-Mirror-Origin", '""'),
    ("X-Mirror-Request", '""'),
    ("X-Mirror-User", '""'),
    ("X-Mirror-Session", '""'),
    ("X-Mirror-Caller", '""'),
    ("X-Mirror-Handover", '""'),
)
_TOLD_OF_A_CALL = ("Origin", "Peer", "Request", "User", "Session")
"""By the gate, for the bridge."""
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host")
"""The gate has read them."""


def locations(plan: FrontPlan) -> Iterable[str]:
    """All of the public server."""
    yield "location / {"
    yield from indented(_headers(plan))
    yield "    proxy_ignore_headers X-Accel-Redirect;"
    yield "    proxy_pass http://front_proxies;"
    yield "}"
    for path in plan.bridge_paths:
        below = path.removesuffix("**")
        yield f"location {'=' if below == path else '^~'} {quoted(below)} {{"
        yield from indented(_asking(plan))
        yield "}"
    if plan.bridge:
        yield "location @bridge {"
        yield from indented(_handing_over(plan))
        yield "}"
    for prefix in plan.cached_prefixes:
        yield f"location ^~ {quoted(prefix)} {{"
        yield from indented(_cached(plan))
        yield "}"


def quoted(path: Path | str) -> str:
    """A value as nginx reads it back; what it would expand or cannot hold is refused."""
    text = str(path)
    if any(c in text for c in "$\n\r\0"):
        raise ValueError(f"nginx cannot use the path {text!r}: it contains $ or a line break")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def indented(lines: Iterable[str]) -> Iterable[str]:
    """The lines of a block."""
    return ("    " + line for line in lines)


def _headers(plan: FrontPlan) -> Iterable[str]:
    yield "proxy_set_header Host $http_host;"
    yield "proxy_set_header Upgrade $front_upgrade;"
    yield "proxy_set_header Connection $front_connection;"
    for name, value in _OVERWRITTEN:
        yield f"proxy_set_header {name} {value.format(secret=plan.secret)};"


def _asking(plan: FrontPlan) -> Iterable[str]:
    """Calls of the API: a proxy says whether one may enter. It needs no body for that, and is not
    in the way of a long answer."""
    yield "client_max_body_size 32m;"
    yield "client_body_buffer_size 256k;"  # what agents send each time; more waits in a file
    yield "proxy_buffer_size 4k;"  # nginx holds it until the answer has ended
    yield "proxy_pass_request_body off;"
    yield from _headers(plan)
    yield 'proxy_set_header Content-Length "";'
    yield "proxy_set_header X-Mirror-Handover 1;"
    yield "proxy_pass http://front_proxies;"


def _handing_over(plan: FrontPlan) -> Iterable[str]:
    """To the bridge, with what the gate has found out: no client's request leads here."""
    for name in ("Host", *_TOLD_OF_A_CALL):
        # Kept now: once the bridge is asked, nginx knows the head of its answer only.
        yield f"set $told_{name.lower()} $upstream_http_x_mirror_{name.lower()};"
    yield "proxy_set_header Host $told_host;"
    yield 'proxy_set_header Connection "";'
    told = {f"X-Mirror-{name}": f"$told_{name.lower()}" for name in _TOLD_OF_A_CALL}
    nothing = dict.fromkeys([*dict(_OVERWRITTEN), *_FORWARDED], '""')
    for name, value in {**nothing, **told, "X-Mirror-Secret": plan.secret}.items():
        yield f"proxy_set_header {name} {value};"
    yield "proxy_buffer_size 8k;"
    yield "proxy_read_timeout 600s;"  # as the route's `first_byte`; a stream is never as silent
    yield "proxy_ignore_headers X-Accel-Redirect;"
    yield "proxy_pass http://front_bridge;"


def _cached(plan: FrontPlan) -> Iterable[str]:
    """Static files: asked for with nothing of the visitor's, so that the answer is everybody's.

    One header that is passed and not in the key would let one visitor choose what all others get.
    """
    yield "proxy_pass_request_headers off;"
    yield "proxy_pass_request_body off;"
    yield from _headers(plan)
    yield 'proxy_set_header Cookie "";'
    yield 'proxy_set_header Content-Length "";'
    for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "User-Agent"):
        yield f"proxy_set_header {name} $http_{name.lower().replace('-', '_')};"
    yield "proxy_set_header Accept-Encoding $front_coding;"
    yield "proxy_pass http://front_proxies;"
    yield "proxy_buffering on;"
    yield "proxy_read_timeout 60s;"
    yield "proxy_cache front_static;"
    # The mirror origin is written into the files, and it may come from these headers.
    origin = "$scheme|$http_host|$http_x_forwarded_proto|$http_x_forwarded_host"
    yield f'proxy_cache_key "{plan.rules_version}|{origin}|$front_coding|$request_uri";'
    yield "proxy_cache_valid 200 1d;"
    yield "proxy_cache_methods GET HEAD;"
    yield "proxy_cache_lock on;"
    yield "proxy_cache_use_stale error timeout updating;"
    # Cookies are gone and the coding is in the key: nothing is left for Vary to vary by.
    yield "proxy_ignore_headers Vary X-Accel-Redirect;"
    yield "proxy_hide_header Vary;"
    yield "proxy_hide_header X-Request-Id;"  # of the one request that filled the cache
    yield "gzip on;"
    yield "gzip_proxied any;"
    yield "gzip_vary on;"
    yield "gzip_types text/css text/javascript application/javascript application/json;"
    yield "if ($http_service_worker) { return 404; }"  # the gate would not see it in a hit
