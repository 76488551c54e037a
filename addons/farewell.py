"""Ends what the bridge is asking of Grok a moment before the process ends.

So that each of its callers reads an error frame, or a status, instead of a connection that breaks.
"""

from collections.abc import Callable

from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.flow_context import Door


class Farewell:
    """`hang_up` closes the upstream side of a flow."""

    def __init__(self, hang_up: Callable[[HTTPFlow], object]) -> None:
        self._hang_up = hang_up
        self._open: dict[str, HTTPFlow] = {}

    @property
    def open_calls(self) -> int:
        """How many of the bridge's are under way, sockets included."""
        return len(self._open)

    def say(self) -> None:
        """Hang up on all of them; those that begin later are hung up on by the next call."""
        while self._open:
            self._hang_up(self._open.popitem()[1])

    def requestheaders(self, flow: HTTPFlow) -> None:
        if flow_context.of(flow).door is Door.BRIDGE:
            self._open[flow.id] = flow

    def response(self, flow: HTTPFlow) -> None:
        if flow.websocket is None:  # of a socket, it is only the beginning
            self._open.pop(flow.id, None)

    def error(self, flow: HTTPFlow) -> None:
        self._open.pop(flow.id, None)

    websocket_end = error
