"""The last addon: a flow that the chain did not approve goes nowhere.

Second line of defence, deliberately ignorant of the chain's steps: it looks at the marks alone,
so that a step forgotten, a hook renamed or an addon missing cannot open the door.
"""

import logging
from collections.abc import Callable

from mitmproxy.connection import Address
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy.server_hooks import ServerConnectionHookData

from addons import flow_context, local_answers
from addons.flow_context import Destination
from core.refusals import INTERNAL

log = logging.getLogger(__name__)


class Seal:
    """Registered behind the chain. `is_ours` tells what the proxy may connect to: the ways out,
    through which everything goes to the upstream, and the sidecar."""

    def __init__(self, is_ours: Callable[[Address], bool]) -> None:
        self._is_ours = is_ours

    def requestheaders(self, flow: HTTPFlow) -> None:
        self.request(flow)

    def request(self, flow: HTTPFlow) -> None:
        if flow.response:
            return
        context = flow_context.of_or_none(flow)
        if not context or not context.approved or context.destination is Destination.NOWHERE:
            log.error("seal: a flow without approval was stopped")
            flow.request.stream = False
            local_answers.refuse(flow, INTERNAL, context.request_id if context else "-")

    def responseheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of_or_none(flow)
        if context and not (context.answered_here or context.answer_approved):
            log.error("seal: an answer without approval was stopped")
            flow.kill()

    def server_connect(self, data: ServerConnectionHookData) -> None:
        if not data.server.address or not self._is_ours(data.server.address):
            log.error("seal: a connection to an address outside the list was stopped")
            data.server.error = "refused"
