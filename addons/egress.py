"""Sends each flow to the upstream through the relay, under the name of its account's egress.

mitmproxy shares a connection between flows of the same address, TLS and `via`, and credentials
are no part of that. So `via` is a made-up name per account and egress; `server_connect` turns it
into the relay's address and `http_connect_upstream` tells the relay which one is meant.
"""

import weakref
from collections.abc import Callable

from mitmproxy.connection import Connection, Server
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from addons import flow_context
from addons.dialing import Dialer
from addons.egress_pool import EgressPool
from addons.flow_context import Door
from addons.relay import Relay
from addons.tunnel import Patience

_SUFFIX = ".egress.internal"
_NOWHERE = f"none{_SUFFIX}"
_BRIDGE = "bridge"


class OwnPlace(int):
    """A port that is equal to itself but hashed apart.

    mitmproxy lets one client connection have five open connections per address and makes the
    sixth wait for ever (`proxy/server.py`, `max_conns`). All our hosts share the relay's address,
    and all streams of an HTTP/2 client that of the sidecar.
    """

    def __hash__(self) -> int:
        return id(self)


class Egress:
    """A step of the chain; `assign` is called by whoever knows the flow's account."""

    def __init__(
        self,
        pool: EgressPool,
        dialer: Dialer,
        may_reach: Callable[[str], bool],
        patience: Patience | None = None,
    ) -> None:
        self._pool = pool
        self._dialer = dialer
        self._relay = Relay(
            routes=pool, dialer=dialer, may_reach=may_reach, gap=_gap, patience=patience
        )
        self._names: weakref.WeakKeyDictionary[Connection, str] = weakref.WeakKeyDictionary()

    async def running(self) -> None:
        await self._relay.start()

    async def done(self) -> None:
        await self._relay.stop()
        self._dialer.close()
        await self._pool.written()

    def assign(self, flow: HTTPFlow, account_id: int | None, egress_id: int | None) -> bool:
        """Have `flow` leave by the account's egress. False: none is healthy, so it must not leave.

        Call it once host and port of the request are the upstream's. A flow sent on in spite of
        False gets no connection.
        """
        token = self._pool.token_for(account_id, egress_id)
        # Never the shared object: what is set on it would stay for the connection's next user.
        server = Server(address=(flow.request.data.host, flow.request.data.port))
        server.via = ("http", (f"{_name(flow, token)}{_SUFFIX}" if token else _NOWHERE, 1))
        flow.server_conn = server
        return token is not None

    def abort(self, flow: HTTPFlow) -> bool:
        """Cut the flow's connection to the upstream, whatever it is doing. True if it had one."""
        name = _name_in(flow.server_conn.via[1][0]) if flow.server_conn.via else None
        if not name or not flow.server_conn.address:
            return False
        return self._relay.abort(_label(flow, name), flow.server_conn.address[0])

    def is_relay(self, address: tuple[str, int]) -> bool:
        """Whether a connection to `address` stays inside the relay's rules; for the seal."""
        return self._relay.is_running and address == self._relay.address

    def server_connect(self, data: ServerConnectionHookData) -> None:
        via = data.server.address[0] if data.server.address else ""
        if via == _NOWHERE:
            data.server.error = "no healthy egress"
        name = _name_in(via)
        if not name:
            return
        self._names[data.server] = name
        host, port = self._relay.address
        data.server.address = (host, OwnPlace(port))

    def http_connect_upstream(self, flow: HTTPFlow) -> None:
        name = self._names.pop(flow.server_conn, None)
        if name:  # otherwise the relay refuses
            authorization = self._relay.authorization(_label(flow, name))
            flow.request.headers["proxy-authorization"] = authorization


def _name(flow: HTTPFlow, token: str) -> str:
    """What stands for a way out: the token; for the bridge that it is; for HTTP/2 also the flow.

    One HTTP/2 client connection has many flows at a time. mitmproxy gives each its own connection
    to an HTTP/1.1 upstream anyway, and with a name of its own it can be told from the others.
    """
    if flow.request.is_http2:
        return f"{token}.{flow.id}"
    context = flow_context.of_or_none(flow)
    return f"{token}.{_BRIDGE}" if context and context.door is Door.BRIDGE else token


def _name_in(host: str) -> str | None:
    return host.removesuffix(_SUFFIX) if host.endswith(_SUFFIX) and host != _NOWHERE else None


def _label(flow: HTTPFlow, name: str) -> str:
    """Names the tunnel to the relay: with the client connection, so that it can be found again.

    mitmproxy tells nobody which tunnel a flow's connection runs in. But one HTTP/1.1 client
    connection has one flow at a time, and tunnels are its own; for HTTP/2 the name says which.
    """
    token, _, stream = name.partition(".")
    return f"{flow.client_conn.id}.{stream}/{token}"


def _gap(label: str) -> float:
    """What an API caller is told passes two proxies and the bridge: that is worth gathering, and
    is done where it costs nothing yet. Seconds."""
    return 0.05 if f".{_BRIDGE}/" in label else 0.0
