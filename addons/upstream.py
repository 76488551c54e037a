"""Points an approved flow at where it goes: a mapped host of Grok, or our sidecar.

Every flow gets a fresh `Server` (for Grok from `Departure`, which knows the egress): the one that
mitmproxy hands out is shared by all flows of a client connection, and what one user's flow left on
it (a `via`) would carry the next user's.
"""

from collections.abc import Callable

from mitmproxy.connection import Address, Server
from mitmproxy.http import Headers, HTTPFlow
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from mitmproxy.tls import TlsData

from addons import flow_context, local_answers
from addons.flow_context import Destination, Door, FlowContext
from addons.upload_stream import upload_stream
from addons.way_out import OwnPlace
from core.cookies import edge_cookies, parse_cookie_header, secrets_of, upstream_cookies
from core.mirror_config import MirrorConfig
from core.request_headers import Outgoing, upstream_headers
from core.wiring import Wiring

HTTPS = 443


class Upstream:
    """Writes the request line, the headers and the address of the flow."""

    def __init__(
        self,
        wiring: Wiring,
        config: Callable[[], MirrorConfig],
        hang_up: Callable[[HTTPFlow], None],
    ) -> None:
        self._wiring = wiring
        self._config = config
        self._hang_up = hang_up

    def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        match context.destination:
            case Destination.UPSTREAM:
                self._to_grok(flow, context)
            case Destination.SIDECAR:
                self._to_sidecar(flow, context)

    def server_connect(self, data: ServerConnectionHookData) -> None:
        if data.server.address == self._wiring.sidecar_listen:
            host, port = self._wiring.sidecar_listen
            data.server.address = (host, OwnPlace(port))

    def tls_start_server(self, data: TlsData) -> None:
        """The upstream's own name, whatever name a TLS client of ours has asked for."""
        assert isinstance(data.conn, Server)
        assert data.conn.address
        data.conn.sni = data.conn.address[0]
        data.conn.alpn_offers = (b"http/1.1",)

    def _to_grok(self, flow: HTTPFlow, context: FlowContext) -> None:
        assert context.rule
        assert context.route
        host = context.rule.host
        _aim(flow, "https", (host.name, HTTPS))
        flow.request.path = self._upstream_path(context)
        out = Outgoing(
            host=host.name,
            cookie=self._cookie(flow, context),
            user_agent=(context.account and context.account.user_agent) or "",
            websocket=is_websocket(flow),
            origin=f"https://{host.name}" if context.door is Door.BRIDGE else "",
            keep_range=host is not context.origins.hosts[0],
        )
        incoming = flow.request.headers.fields
        flow.request.headers = Headers(upstream_headers(incoming, context.origins, out))
        if context.route.upload:
            checked = upload_stream(flow, context, self._hang_up) if context.isolated else None
            flow.request.stream = checked or True

    def _upstream_path(self, context: FlowContext) -> str:
        path, mark, query = context.upstream_path.partition("?")
        if not mark or context.door is Door.BRIDGE:
            return context.upstream_path
        return path + mark + context.origins.query_to_upstream(query)

    def _cookie(self, flow: HTTPFlow, context: FlowContext) -> str:
        if context.account is None:
            return ""
        context.secrets = secrets_of(context.account)
        if context.isolated and context.account.email:
            context.secrets |= {context.account.email.encode()}
        if context.route and context.route.anonymous and context.isolated:
            return edge_cookies(context.account)
        headers = flow.request.headers.get_all("cookie")
        browser = [pair for header in headers for pair in parse_cookie_header(header)]
        return upstream_cookies(context.account, browser, self._config().browser_cookies)

    def _to_sidecar(self, flow: HTTPFlow, context: FlowContext) -> None:
        told = _told_to_sidecar(context)
        if context.front_takes_over:
            context.handed_over = True
            local_answers.hand_over(flow, {"x-mirror-host": context.mirror.authority, **told})
            return
        _aim(flow, "http", self._wiring.sidecar_listen)
        flow.server_conn = Server(address=self._wiring.sidecar_listen)
        headers = flow.request.headers
        for name in ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"):
            headers.pop(name, None)
        headers["host"] = context.mirror.authority
        headers["x-mirror-secret"] = self._wiring.secret
        headers.update(told)


def _told_to_sidecar(context: FlowContext) -> dict[str, str]:
    told = {
        "x-mirror-origin": context.mirror.url,
        "x-mirror-peer": context.client.address,
        "x-mirror-request": context.request_id,
    }
    if context.session:
        told["x-mirror-user"] = str(context.session.user_id)
        told["x-mirror-session"] = str(context.session.id)
    return told


def is_websocket(flow: HTTPFlow) -> bool:
    """True for an upgrade request that mitmproxy will treat as one."""
    headers = flow.request.headers
    return (
        headers.get("upgrade", "").lower() == "websocket"
        and headers.get("sec-websocket-version") == "13"
    )


def _aim(flow: HTTPFlow, scheme: str, address: Address) -> None:
    request = flow.request
    request.scheme = scheme
    request.data.host, request.data.port = address
    request.authority = ""  # an absolute-form target would go upstream as it came
