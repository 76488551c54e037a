"""Closes clients that hold a connection and ask for nothing: mitmproxy itself waits for the end of
a head as long as a byte drips in now and then.

With nginx in front this never strikes; without it, it is what keeps a few hundred half requests
from using up the sockets.
"""

import time
from collections import defaultdict
from typing import Any

from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.connection import Client
from mitmproxy.http import HTTPFlow

from addons.recurring import Recurring

FIRST_HEAD_SECONDS = 20.0
"""From the connection to the end of the first request's head."""
NEXT_HEAD_SECONDS = 75.0
"""From one answer to the end of the next head; longer than nginx keeps a connection to us."""
SWEEP_SECONDS = 1.0


class IdleClients:
    """Registered beside the chain, which does not see the flows that the gate refused."""

    def __init__(self, server: Proxyserver) -> None:
        self._server = server
        self._due: dict[str, float] = {}
        self._flows: defaultdict[str, set[str]] = defaultdict(set)
        self._sweeping = Recurring(SWEEP_SECONDS, self._sweep)

    def running(self) -> None:
        self._sweeping.start()

    def done(self) -> None:
        self._sweeping.stop()

    def client_connected(self, client: Client) -> None:
        self._due[client.id] = time.monotonic() + FIRST_HEAD_SECONDS

    def client_disconnected(self, client: Client) -> None:
        self._due.pop(client.id, None)
        self._flows.pop(client.id, None)

    def requestheaders(self, flow: HTTPFlow) -> None:
        self._flows[flow.client_conn.id].add(flow.id)

    def response(self, flow: HTTPFlow) -> None:
        if not flow.websocket:
            self._ended(flow)

    def error(self, flow: HTTPFlow) -> None:
        self._ended(flow)

    def websocket_end(self, flow: HTTPFlow) -> None:
        self._ended(flow)

    def _ended(self, flow: HTTPFlow) -> None:
        client_id = flow.client_conn.id
        if client_id in self._due:
            self._flows[client_id].discard(flow.id)
            self._due[client_id] = time.monotonic() + NEXT_HEAD_SECONDS

    def _sweep(self) -> None:
        now = time.monotonic()
        for client_id, due in tuple(self._due.items()):
            if due <= now and not self._flows.get(client_id):
                self._due.pop(client_id, None)
                _close(self._server.connections.get(client_id))


def _close(handler: Any) -> None:  # noqa: ANN401 - mitmproxy names no public type for it
    transport = handler and handler.transports.get(handler.client)
    if transport and transport.handler:
        transport.handler.cancel("idle")  # as mitmproxy's own time-out does
