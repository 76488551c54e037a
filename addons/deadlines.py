"""Time-outs of the upstream side: first byte, and silence in the middle of a body.

mitmproxy knows one idle time-out for a whole connection. Here every open flow carries the moment
by which the next byte is due; one task looks at all of them every second.
"""

import time
from collections.abc import Callable

from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.flow_context import Destination, FlowContext
from addons.recurring import Recurring
from core.refusals import SIDECAR_DOWN, UPSTREAM_TIMEOUT

SWEEP_SECONDS = 0.5


class Deadlines:
    """`hang_up` closes the upstream side of a flow, which ends it with an error of ours."""

    def __init__(self, hang_up: Callable[[HTTPFlow], None]) -> None:
        self._hang_up = hang_up
        self._open: dict[str, HTTPFlow] = {}
        self._sweeping = Recurring(SWEEP_SECONDS, self._sweep)

    def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.destination is not Destination.NOWHERE:
            self._open[flow.id] = flow
            if flow.request.stream:
                self.request(flow)

    def request(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        assert context.route
        context.deadline = time.monotonic() + context.route.first_byte

    def response(self, flow: HTTPFlow) -> None:
        self._open.pop(flow.id, None)

    error = response

    @property
    def open_flows(self) -> int:
        """How many flows are under way: a drain waits until there are none."""
        return len(self._open)

    def running(self) -> None:
        self._sweeping.start()

    def done(self) -> None:
        self._sweeping.stop()

    def _sweep(self) -> None:
        now = time.monotonic()
        for flow in tuple(self._open.values()):
            context = flow_context.of(flow)
            if context.deadline is not None and context.deadline <= now:
                self._give_up(flow, context)

    def _give_up(self, flow: HTTPFlow, context: FlowContext) -> None:
        is_sidecar = context.destination is Destination.SIDECAR
        context.fault = context.fault or (SIDECAR_DOWN if is_sidecar else UPSTREAM_TIMEOUT)
        context.deadline = None
        self._open.pop(flow.id, None)
        self._hang_up(flow)
