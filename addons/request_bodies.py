"""JSON bodies on their way upstream: URL-valued fields name Grok's hosts again."""

from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.flow_context import Destination, Door
from core.body_kinds import BodyKind, body_kind
from core.rewriting import JsonUnrewriter


class RequestBodies:
    """Only what was held: streamed uploads pass as they are."""

    def request(self, flow: HTTPFlow) -> None:
        content = flow.request.raw_content
        context = flow_context.of(flow)
        if (
            not content
            or context.destination is not Destination.UPSTREAM
            or context.door is Door.BRIDGE
        ):
            return
        kind = body_kind(flow.request.headers.get("content-type", ""))
        if kind is BodyKind.JSON and context.mirror.authority.encode() in content:
            rewriter = JsonUnrewriter(context.origins)
            flow.request.raw_content = rewriter.feed(content) + rewriter.flush()
            flow.request.headers["content-length"] = str(len(flow.request.raw_content))
