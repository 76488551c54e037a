"""WebSocket frames both ways: URLs of the other side's world, and never a secret to the browser.

Frames are JSON (one message may hold several objects); only URL-valued fields are rewritten, so
that what a person typed arrives as he typed it.
"""

from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.flow_context import Door
from core.rewriting import JsonRewriter, JsonUnrewriter
from core.scrubbing import scrubbed


class WebSockets:
    """Changes each message on its way."""

    def websocket_message(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        assert flow.websocket
        message = flow.websocket.messages[-1]
        if message.from_client:
            if context.door is Door.BROWSER and message.is_text:
                message.content = _through(JsonUnrewriter(context.origins), message.content)
            return
        content = scrubbed(message.content, context.secrets)
        if context.door is Door.BROWSER and message.is_text:
            content = _through(JsonRewriter(context.origins), content)
        message.content = content
        context.bytes_out += len(content)


def _through(stage: JsonRewriter | JsonUnrewriter, content: bytes) -> bytes:
    return stage.feed(content) + stage.flush()
