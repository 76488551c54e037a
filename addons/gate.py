"""First step: lets in well-formed requests only, finds out who is at the other end and which
mirror origin he uses, and throws away every header that only our own processes may send."""

import secrets
import time
from collections.abc import Callable, Sequence
from hmac import compare_digest

from mitmproxy.http import HTTPFlow

from addons import flow_context, local_answers
from addons.flow_context import Door, FlowContext
from core import gate
from core.api_paths import ApiPaths, api_paths
from core.bridge_call import parse_bridge_call
from core.client_address import Client, Forwarded, Hop, mirror_origin, resolve_client
from core.cors import permission
from core.gate import RequestHead
from core.mirror_config import MirrorConfig
from core.origins import MirrorOrigin, Origins
from core.refusals import BAD_REQUEST, HOST_NOT_ALLOWED, NOT_FOUND, Refusal
from core.settings import Settings
from core.wiring import Wiring

OURS = b"x-mirror-"
FORWARDED = b"x-forwarded-"
MOST_ORIGINS = 64
"""Without HOST a visitor may use any name: the memory of them is bounded."""


class Gate:
    """`config` gives the configuration in force, which may change between two requests."""

    def __init__(
        self, settings: Settings, wiring: Wiring, config: Callable[[], MirrorConfig]
    ) -> None:
        self._trusted = settings.trusted_proxies
        self._public = MirrorOrigin(*settings.host.split("://", 1)) if settings.host else None
        self._secret = wiring.secret.encode()
        self._internal_port = wiring.internal_listen[1]
        self._behind_front = wiring.behind_front
        self._ends_tls = bool(settings.tls_cert_file) and not wiring.behind_front
        self._config = config
        self._api = api_paths(settings.mirror_api_prefix, enabled=settings.enable_mirror_api)
        self._cors_origins = settings.api_cors_origins
        self._origins_of: MirrorConfig | None = None
        self._known_origins: dict[MirrorOrigin, Origins] = {}

    def requestheaders(self, flow: HTTPFlow) -> None:
        request_id = secrets.token_hex(8)
        flow.request.data.path = self._api.merged(flow.request.data.path)
        refusal = gate.verdict(_head(flow, self._api)) or self._admit(flow, request_id)
        if refusal:
            local_answers.refuse(flow, refusal, request_id)
            self._permit_reading(flow)

    def _permit_reading(self, flow: HTTPFlow) -> None:
        """Pages of other sites may read why the API refuses them, as they may what it answers."""
        if flow.response and self._api.holds("GET", flow.request.path):
            origin = flow.request.headers.get("origin", "")
            for name, value in permission(self._cors_origins, origin):
                flow.response.headers[name] = value

    def _admit(self, flow: HTTPFlow, request_id: str) -> Refusal | None:
        ours = {n.lower(): v for n, v in flow.request.headers.fields if n.lower().startswith(OURS)}
        for name in ours:
            del flow.request.headers[name.decode()]
        if flow.client_conn.sockname[1] == self._internal_port:
            return self._admit_bridge(flow, ours, request_id)
        if self._behind_front and not self._knows(ours.get(b"x-mirror-front", b"")):
            return NOT_FOUND
        client = self._client(flow, ours)
        mirror = mirror_origin(client, self._public)
        if mirror is None:
            return HOST_NOT_ALLOWED if client.host else BAD_REQUEST
        if self._ends_tls and client.scheme == "http":
            return _to_https(flow, mirror, request_id)
        self._attach(flow, request_id, Door.BROWSER, client, mirror)
        context = flow_context.of(flow)
        context.is_api = self._api.holds(flow.request.method, context.path)
        asks_for_it = self._behind_front and b"x-mirror-handover" in ours
        context.front_takes_over = asks_for_it and context.is_api
        return None

    def _admit_bridge(
        self, flow: HTTPFlow, ours: dict[bytes, bytes], request_id: str
    ) -> Refusal | None:
        """The internal listener: only the sidecar knows the secret, and it is no browser."""
        headers = flow.request.headers
        if not self._knows(ours.get(b"x-mirror-secret", b"")):
            return NOT_FOUND
        if "origin" in headers or any(name.lower().startswith("sec-fetch-") for name in headers):
            return NOT_FOUND
        client = Client("127.0.0.1", "http", "", trusted=True)
        call = parse_bridge_call(ours)
        if call is None:
            return BAD_REQUEST
        main = self._config().hosts[0].host.name
        self._attach(flow, request_id, Door.BRIDGE, client, MirrorOrigin("https", main))
        flow_context.of(flow).call = call
        return None

    def _knows(self, secret: bytes) -> bool:
        return compare_digest(secret, self._secret)

    def _client(self, flow: HTTPFlow, ours: dict[bytes, bytes]) -> Client:
        peer = flow.client_conn.peername
        host = flow.request.host_header or ""
        if self._behind_front:
            address = ours.get(b"x-mirror-peer", b"").decode("latin-1")
            hop = Hop(address, ours.get(b"x-mirror-scheme", b"http").decode("latin-1"), host)
        else:
            hop = Hop(peer[0], "https" if flow.client_conn.tls_established else "http", host)
        return resolve_client(hop, _forwarded(flow.request.headers.fields), self._trusted)

    def _attach(
        self, flow: HTTPFlow, request_id: str, door: Door, client: Client, mirror: MirrorOrigin
    ) -> None:
        context = FlowContext(
            request_id=request_id,
            door=door,
            started=time.monotonic(),
            client=client,
            mirror=mirror,
            origins=self._origins(mirror),
            path=flow.request.path,
        )
        flow_context.attach(flow, context)

    def _origins(self, mirror: MirrorOrigin) -> Origins:
        """Shared between requests: it holds what rewriters compile for this mirror origin."""
        config = self._config()
        if config is not self._origins_of or len(self._known_origins) > MOST_ORIGINS:
            self._known_origins, self._origins_of = {}, config
        found = self._known_origins.get(mirror)
        if found is None:
            found = Origins(mirror, tuple(rule.host for rule in config.hosts))
            self._known_origins[mirror] = found
        return found


def _to_https(flow: HTTPFlow, mirror: MirrorOrigin, request_id: str) -> Refusal | None:
    """Where TLS ends here, nothing is said in the open: mitmproxy would serve both on one port."""
    if flow.request.method not in ("GET", "HEAD"):
        return BAD_REQUEST
    local_answers.redirect(flow, f"https://{mirror.authority}{flow.request.path}", request_id)
    return None


def _forwarded(headers: Sequence[tuple[bytes, bytes]]) -> Forwarded:
    """One pass, and most requests have none: each look-up by name in mitmproxy costs 3 µs."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        lowered = name.lower()
        if lowered.startswith(FORWARDED):
            found[lowered] = b", ".join([found[lowered], value]) if lowered in found else value
    for_, proto, host = (
        found.get(FORWARDED + name, b"").decode("utf-8", "surrogateescape")
        for name in (b"for", b"proto", b"host")
    )
    return Forwarded(for_, proto, host)


def _head(flow: HTTPFlow, api: ApiPaths) -> RequestHead:
    data = flow.request.data
    return RequestHead(
        method=flow.request.method,
        target=api.as_checked(data.path),
        http_version=flow.request.http_version,
        headers=flow.request.headers.fields,
        authority=data.authority,
    )
