"""Writes the front's nginx configuration as text. Starts nothing, touches no file.

What the front is for: deadlines and limits for headers, TLS and HTTP/2, one kept-alive pool
to all proxies, a shared cache for the static files named in `mitm_config.yaml`. What it must not
do: decide who is trusted, change a path, or hold back a byte of a stream.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from supervisor.readiness import authority

Address = tuple[str, int]

# Ours only: whatever a client sends under these names is replaced or removed.
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
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxBuild:
    """What the installed nginx is able to do."""

    version: tuple[int, ...]
    modules: frozenset[str] = frozenset({"http_fastcgi", "http_uwsgi", "http_scgi"})

    @property
    def http2_is_a_directive(self) -> bool:
        return self.version >= (1, 25, 1)

    @property
    def logs_early_to_stderr(self) -> bool:
        return self.version >= (1, 19, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPlan:
    """Everything the configuration depends on."""

    runtime_dir: Path
    cache_dir: Path
    listen: Address
    proxies: tuple[Address, ...]
    secret: str = field(repr=False)
    build: NginxBuild
    internal_listen: Address | None = None  # set when several proxies share the bridge's calls
    internal_proxies: tuple[Address, ...] = ()
    certificate: Path | None = None
    certificate_key: Path | None = None
    cached_prefixes: tuple[str, ...] = ()
    rules_version: str = "0"
    uncounted: tuple[str, ...] = ()  # reverse proxies before us: many users, one address
    worker_user: str | None = None
    worker_connections: int = 8192
    connections_per_address: int = 200


def nginx_config(plan: FrontPlan) -> str:
    """The whole file."""
    return "\n".join(
        (
            *_process(plan),
            "http {",
            *_indented(_http(plan)),
            *_indented(_upstream("front_proxies", plan.proxies)),
            *_indented(_server(plan)),
            *_indented(_internal_server(plan)),
            "}",
            "",
        )
    )


def quoted(path: Path | str) -> str:
    """A value as nginx reads it back; what it would expand or cannot hold is refused."""
    text = str(path)
    if any(c in text for c in "$\n\r\0"):
        raise ValueError(f"nginx cannot use the path {text!r}: it contains $ or a line break")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _process(plan: FrontPlan) -> Iterable[str]:
    if plan.worker_user:
        yield f"user {plan.worker_user};"
    yield f"pid {quoted(plan.runtime_dir / 'nginx.pid')};"
    yield f"lock_file {quoted(plan.runtime_dir / 'nginx.lock')};"
    yield "error_log stderr warn;"
    yield "worker_processes 2;"
    yield "worker_shutdown_timeout 25s;"
    yield f"events {{ worker_connections {plan.worker_connections}; }}"


def _http(plan: FrontPlan) -> Iterable[str]:
    yield from _FIXED_HTTP
    yield from _temp_paths(plan)
    yield "geo $front_counted {"
    yield "    default 1;"
    for network in ("127.0.0.0/8", "::1/128", *plan.uncounted):
        yield f"    {network} 0;"
    yield "}"
    yield "limit_conn_zone $front_peer zone=front_peers:10m;"
    yield f"limit_conn front_peers {plan.connections_per_address};"
    if plan.cached_prefixes:
        yield (
            f"proxy_cache_path {quoted(plan.cache_dir)} levels=1:2 keys_zone=front_static:8m "
            "max_size=256m inactive=7d use_temp_path=off;"
        )


_FIXED_HTTP = """\
access_log off;
server_tokens off;
default_type application/octet-stream;
merge_slashes off;
reset_timedout_connection on;
client_header_timeout 10s;
client_body_timeout 60s;
send_timeout 60s;
keepalive_timeout 65s;
keepalive_requests 10000;
large_client_header_buffers 4 8k;
client_max_body_size 128m;
limit_conn_status 429;
limit_conn_log_level info;
proxy_http_version 1.1;
proxy_buffering off;
proxy_pass_header X-Accel-Buffering;
proxy_request_buffering off;
proxy_buffer_size 32k;
proxy_buffers 8 32k;
proxy_connect_timeout 5s;
proxy_send_timeout 300s;
proxy_read_timeout 3600s;
# A POST that was sent is never sent twice: non_idempotent is absent on purpose.
proxy_next_upstream error;
proxy_next_upstream_tries 2;
# Only WebSockets may upgrade; h2c would lead around the gate.
map $http_upgrade $front_upgrade { default ""; "~*^websocket$" websocket; }
map $front_upgrade $front_connection { default ""; websocket upgrade; }
map $http_accept_encoding $front_coding { default ""; "~*\\bgzip\\b" gzip; }
map $request_uri $front_page { default html; "~^/([^?]*/)?v1/" json; "~^/api/" json; }
map $front_counted $front_peer { default $binary_remote_addr; 0 ""; }
""".splitlines()


def _temp_paths(plan: FrontPlan) -> Iterable[str]:
    # A path left unset falls back to one that only root may write.
    optional = [m.removeprefix("http_") for m in sorted(plan.build.modules)]
    for name in ("proxy", *optional):
        yield f"{name}_temp_path {quoted(plan.runtime_dir / name)};"
    yield f"client_body_temp_path {quoted(plan.runtime_dir / 'body')};"


def _upstream(name: str, proxies: tuple[Address, ...], method: str = "least_conn") -> Iterable[str]:
    yield f"upstream {name} {{"
    yield f"    {method};"
    for proxy in proxies:
        yield f"    server {authority(proxy)} max_fails=1 fail_timeout=1s;"
    yield "    keepalive 64;"
    yield "    keepalive_timeout 55s;"
    yield "}"


def _server(plan: FrontPlan) -> Iterable[str]:
    yield "server {"
    yield from _indented(_listen(plan))
    yield "    server_name _;"
    yield from _indented(_error_pages(plan))
    yield "    location / {"
    yield from _indented(_headers(plan), 8)
    yield "        proxy_pass http://front_proxies;"
    yield "    }"
    for prefix in plan.cached_prefixes:
        yield f"    location ^~ {quoted(prefix)} {{"
        yield from _indented(_cached(plan), 8)
        yield "    }"
    yield "}"


def _listen(plan: FrontPlan) -> Iterable[str]:
    tls = plan.certificate is not None
    options = (" ssl" if tls else "") + (
        " http2" if tls and not plan.build.http2_is_a_directive else ""
    )
    host, port = plan.listen
    if host == "::":
        yield f"listen 0.0.0.0:{port} default_server{options};"
        yield f"listen [::]:{port} default_server ipv6only=on{options};"
    else:
        yield f"listen {authority(plan.listen)} default_server{options};"
    if plan.certificate and plan.certificate_key:
        yield from _tls(plan, plan.certificate, plan.certificate_key)


def _tls(plan: FrontPlan, certificate: Path, key: Path) -> Iterable[str]:
    if plan.build.http2_is_a_directive:
        yield "http2 on;"
    yield f"ssl_certificate {quoted(certificate)};"
    yield f"ssl_certificate_key {quoted(key)};"
    yield "ssl_protocols TLSv1.2 TLSv1.3;"
    yield "ssl_session_cache shared:front_tls:4m;"
    yield "ssl_session_tickets off;"
    yield "error_page 497 =308 https://$http_host$request_uri;"


def _error_pages(plan: FrontPlan) -> Iterable[str]:
    # Only for errors of nginx itself; what a proxy answers passes as it is.
    yield "error_page 400 /front-error/400.$front_page;"
    yield "error_page 414 /front-error/414.$front_page;"
    yield "error_page 494 =400 /front-error/400.$front_page;"
    yield "error_page 408 /front-error/400.$front_page;"
    yield "error_page 413 /front-error/413.$front_page;"
    yield "error_page 429 /front-error/429.$front_page;"
    yield "error_page 500 502 503 504 /front-error/502.$front_page;"
    yield "location ^~ /front-error/ {"
    yield "    internal;"
    yield f"    root {quoted(plan.runtime_dir / 'pages')};"
    yield '    types { "text/html" html; application/json json; }'
    yield "    charset utf-8;"
    yield "    etag off;"
    yield "    add_header Cache-Control no-store always;"
    yield "    add_header X-Content-Type-Options nosniff always;"
    yield "}"


def _headers(plan: FrontPlan) -> Iterable[str]:
    yield "proxy_set_header Host $http_host;"
    yield "proxy_set_header Upgrade $front_upgrade;"
    yield "proxy_set_header Connection $front_connection;"
    for name, value in _OVERWRITTEN:
        yield f"proxy_set_header {name} {value.format(secret=plan.secret)};"


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
    yield "proxy_ignore_headers Vary;"
    yield "proxy_hide_header Vary;"
    yield "proxy_hide_header X-Request-Id;"  # of the one request that filled the cache
    yield "gzip on;"
    yield "gzip_proxied any;"
    yield "gzip_vary on;"
    yield "gzip_types text/css text/javascript application/javascript application/json;"
    yield "if ($http_service_worker) { return 404; }"  # the gate would not see it in a hit


def _internal_server(plan: FrontPlan) -> Iterable[str]:
    """The bridge's way to several proxies; on loopback, and the secret is the caller's own."""
    if plan.internal_listen is None:
        return
    yield from _upstream("front_internal", plan.internal_proxies)
    # Each proxy remembers for itself which account a conversation was lent.
    yield from _upstream(
        "front_sticky", plan.internal_proxies, "hash $http_x_mirror_sticky consistent"
    )
    yield 'map $http_x_mirror_sticky $front_pool { "" front_internal; default front_sticky; }'
    yield "server {"
    yield f"    listen {authority(plan.internal_listen)};"
    yield "    client_max_body_size 0;"
    yield "    proxy_set_header Host $http_host;"
    yield "    proxy_set_header Upgrade $front_upgrade;"
    yield "    proxy_set_header Connection $front_connection;"
    yield "    location / { proxy_pass http://$front_pool; }"
    yield "}"


def _indented(lines: Iterable[str], by: int = 4) -> Iterable[str]:
    return (" " * by + line for line in lines)
