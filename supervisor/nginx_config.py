"""Writes the front's nginx configuration as text. Starts nothing, touches no file.

What the front is for: deadlines and limits for headers, TLS and HTTP/2, one kept-alive pool
to all proxies, a shared cache for the static files named in `mitm_config.yaml`. What it must not
do: decide who is trusted, change a path, or hold back a byte of a stream.
"""

from collections.abc import Iterable
from pathlib import Path

from supervisor.front_plan import Address, FrontPlan
from supervisor.nginx_locations import indented, locations, quoted
from supervisor.readiness import authority


def nginx_config(plan: FrontPlan) -> str:
    """The whole file."""
    return "\n".join(
        (
            *_process(plan),
            "http {",
            *indented(_http(plan)),
            *indented(_upstream("front_proxies", plan.proxies)),
            *indented(_upstream("front_bridge", plan.bridge)),
            *indented(_server(plan)),
            *indented(_internal_server(plan)),
            "}",
            "",
        )
    )


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
    yield from _cors(plan)
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
map_hash_bucket_size 512;
map_hash_max_size 8192;
proxy_headers_hash_max_size 1024;
proxy_headers_hash_bucket_size 128;
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


def _cors(plan: FrontPlan) -> Iterable[str]:
    """Pages of other sites that may read what the API answers may read why it does not."""
    yield 'map "$front_page $http_origin" $front_cors_origin {'
    for origin in plan.cors_origins:
        pattern = '"~^json "' if origin == "*" else quoted(f"json {origin}")
        yield f"    {pattern} {quoted(origin)};"
    yield "}"


def _upstream(name: str, servers: tuple[Address, ...], method: str = "least_conn") -> Iterable[str]:
    if not servers:
        return
    yield f"upstream {name} {{"
    yield f"    {method};"
    for server in servers:
        yield f"    server {authority(server)} max_fails=1 fail_timeout=1s;"
    yield "    keepalive 64;"
    yield "    keepalive_timeout 55s;"
    yield "}"


def _server(plan: FrontPlan) -> Iterable[str]:
    yield "server {"
    yield from indented(_listen(plan))
    yield "    server_name _;"
    yield from indented(_error_pages(plan))
    yield from indented(locations(plan))
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
    yield "    add_header Access-Control-Allow-Origin $front_cors_origin always;"
    yield "}"


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
