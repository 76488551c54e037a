"""Sends each flow to the upstream through a tunnel, under the name of its account's egress.

mitmproxy shares a connection between flows of the same address, TLS and `via`, and credentials
are no part of that. So `via` is a made-up name per account and egress.
"""

from collections.abc import Callable
from functools import partial

from mitmproxy.connection import Address, Server
from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.dialing import Dialer
from addons.egress_pool import EgressPool
from addons.flow_context import Door
from addons.in_memory import Ends
from addons.tunnel import Patience
from addons.tunnels import Tunnels
from addons.way_out import SUFFIX, OwnPlace, WayOut

_BRIDGE = "bridge"


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
        self._tunnels = Tunnels(
            routes=pool, dialer=dialer, may_reach=may_reach, gap=_gap, patience=patience
        )

    def running(self) -> None:
        self._tunnels.start()

    async def done(self) -> None:
        await self._tunnels.stop()
        self._dialer.close()
        await self._pool.written()

    def assign(self, flow: HTTPFlow, account_id: int | None, egress_id: int | None) -> bool:
        """Have `flow` leave by the account's egress. False: none is healthy, so it must not leave.

        Call it once host and port of the request are the upstream's. A flow sent on in spite of
        False gets no connection.
        """
        host, port = flow.request.data.host, flow.request.data.port
        token = self._pool.token_for(account_id, egress_id)
        # Never the shared object: what is set on it would stay for the connection's next user.
        flow.server_conn = Server(address=(host, port))
        flow.server_conn.via = ("http", (self._way_out(flow, token, host), OwnPlace(port)))
        return token is not None

    def abort(self, flow: HTTPFlow) -> bool:
        """Cut the flow's connection to the upstream, whatever it is doing. True if it had one."""
        via, address = flow.server_conn.via, flow.server_conn.address
        if not via or not address:
            return False
        return self._tunnels.abort(_label(flow, via[1][0].removesuffix(SUFFIX)), address[0])

    def is_way_out(self, address: Address) -> bool:
        """Whether a connection to `address` leaves by our tunnels; for the seal."""
        return self._tunnels.is_running and isinstance(address[0], WayOut)

    def _way_out(self, flow: HTTPFlow, token: str | None, host: str) -> WayOut:
        if token is None:
            return WayOut("none", _nowhere)
        name = _name(flow, token)
        return WayOut(name, partial(self._tunnels.open, _label(flow, name), host))


async def _nowhere() -> Ends:
    raise OSError("no healthy egress")


def _name(flow: HTTPFlow, token: str) -> str:
    """What stands for a way out: the token; for the bridge that it is; for HTTP/2 also the flow.

    One HTTP/2 client connection has many flows at a time. mitmproxy gives each its own connection
    to an HTTP/1.1 upstream anyway, and with a name of its own it can be told from the others.
    """
    if flow.request.is_http2:
        return f"{token}.{flow.id}"
    context = flow_context.of_or_none(flow)
    return f"{token}.{_BRIDGE}" if context and context.door is Door.BRIDGE else token


def _label(flow: HTTPFlow, name: str) -> str:
    """Names a tunnel: with the client connection, so that it can be found again.

    mitmproxy tells nobody which tunnel a flow's connection runs in. But one HTTP/1.1 client
    connection has one flow at a time, and tunnels are its own; for HTTP/2 the name says which.
    """
    token, _, stream = name.partition(".")
    return f"{flow.client_conn.id}.{stream}/{token}"


def _gap(label: str) -> float:
    """What an API caller is told passes two proxies and the bridge: that is worth gathering, and
    is done where it costs nothing yet. Seconds."""
    return 0.05 if f".{_BRIDGE}/" in label else 0.0
