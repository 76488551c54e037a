"""Reaches into mitmproxy's open connections, for the two things no hook offers: ending the
upstream side of a flow, and freeing what closed connections leave behind."""

import ctypes
import gc
from collections.abc import Callable

from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.egress import Egress
from addons.flow_context import Destination
from addons.recurring import Recurring

COLLECT_SECONDS = 30.0
"""Closed connections are cycles: without a nudge memory drifts up for minutes."""
TRIM_SECONDS = 5.0
"""glibc keeps what large WebSocket messages leave behind: 75 MB after 13,000 of 50 kB, which a trim
of at most 7 ms brings down to 5 MB."""


class Connections:
    """A step of the chain for its start and stop only."""

    def __init__(self, proxyserver: Proxyserver, egress: Egress) -> None:
        self._proxyserver = proxyserver
        self._egress = egress
        self._cleaning = (Recurring(COLLECT_SECONDS, gc.collect), Recurring(TRIM_SECONDS, _trim()))

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
        # What is imported stays for ever: to look through it takes 54 ms of each full collection.
        gc.collect()
        gc.freeze()
        for each in self._cleaning:
            each.start()

    def done(self) -> None:
        for each in self._cleaning:
            each.stop()


def _trim() -> Callable[[], object]:
    """Gives free memory back to the system, where the C library knows how."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return (lambda: trim(0)) if trim else (lambda: None)
