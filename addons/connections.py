"""Reaches into mitmproxy's open connections, for the two things no hook offers: ending the
upstream side of a flow, and freeing what closed connections leave behind."""

import asyncio
import gc

from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.egress import Egress
from addons.flow_context import Destination

COLLECT_SECONDS = 30.0
"""Closed connections are cycles: without a nudge memory drifts up for minutes."""


class Connections:
    """A step of the chain for its start and stop only."""

    def __init__(self, proxyserver: Proxyserver, egress: Egress) -> None:
        self._proxyserver = proxyserver
        self._egress = egress
        self._collector: asyncio.Task[None] | None = None

    def hang_up(self, flow: HTTPFlow) -> None:
        """Close the flow's connection to the upstream or the sidecar; mitmproxy sees an EOF."""
        if flow_context.of(flow).destination is Destination.UPSTREAM:
            self._egress.abort(flow)
            return
        handler = self._proxyserver.connections.get(flow.client_conn.id)
        transport = handler.transports.get(flow.server_conn) if handler else None
        if transport and transport.writer:
            transport.writer.close()

    def running(self) -> None:
        self._collector = asyncio.create_task(self._collect())

    def done(self) -> None:
        if self._collector:
            self._collector.cancel()

    async def _collect(self) -> None:
        while True:
            await asyncio.sleep(COLLECT_SECONDS)
            gc.collect()
