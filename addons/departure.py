"""Sends an approved flow out by its account's egress, or not at all."""

from mitmproxy.http import HTTPFlow

from addons import flow_context, local_answers
from addons.egress import Egress
from addons.flow_context import Destination
from core.refusals import NO_EGRESS


class Departure:
    """The last request step: after it the flow's connection is decided."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.destination is not Destination.UPSTREAM:
            return
        account = context.account
        account_id, egress_id = (account.id, account.egress_id) if account else (None, None)
        if not self._egress.assign(flow, account_id, egress_id):
            local_answers.refuse(flow, NO_EGRESS, context.request_id)
