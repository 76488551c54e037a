"""One log line per finished flow: who, where, how it ended. Never a query, header or body."""

import logging
import time

from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.flow_context import Destination, FlowContext

log = logging.getLogger("flow")


class FlowLog:
    """What the bridge has answered it writes down itself (`api_bridge/call_log.py`)."""

    def response(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        assert flow.response
        context.status = flow.response.status_code
        by_the_bridge = context.handed_over or not context.answered_here
        if not (by_the_bridge and context.is_api):
            self._write(flow, context)

    def error(self, flow: HTTPFlow) -> None:
        self._write(flow, flow_context.of(flow), ended="error")

    def websocket_end(self, flow: HTTPFlow) -> None:
        self._write(flow, flow_context.of(flow), ended="socket closed")

    def _write(self, flow: HTTPFlow, context: FlowContext, ended: str = "") -> None:
        if context.path == "/healthz":
            return
        log.info(
            "%s %s user=%s account=%s %s %s%s -> %d %dms %dB%s",
            context.request_id,
            context.door.value,
            context.session.user_id if context.session else "-",
            context.account.id if context.account else "-",
            flow.request.method,
            context.rule.host.name if context.rule else "",
            _shown_path(context),
            context.status,
            (time.monotonic() - context.started) * 1000,
            context.bytes_out,
            f" ({ended})" if ended else "",
        )


def _shown_path(context: FlowContext) -> str:
    """Of our own pages the row of the table: a link's path is a key while nobody has used it."""
    if context.destination is Destination.SIDECAR and context.route:
        return context.route.path
    return (context.upstream_path or context.path).partition("?")[0][:200]
