"""With WEB_HATD on, what people chat on the mirrored page is not kept in the account's history."""

from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.flow_context import Destination, Door
from core.temporary_chat import NEW_CONVERSATION, temporary_body, temporary_frame


class TemporaryChats:
    """In the chain only when the setting is on."""

    def request(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.door is not Door.BROWSER or context.destination is not Destination.UPSTREAM:
            return
        path = context.upstream_path.partition("?")[0].rstrip("/")
        if flow.request.method == "POST" and path in NEW_CONVERSATION:
            flow.request.raw_content = temporary_body(flow.request.raw_content or b"")
            flow.request.headers["content-length"] = str(len(flow.request.raw_content))

    def websocket_message(self, flow: HTTPFlow) -> None:
        assert flow.websocket
        message = flow.websocket.messages[-1]
        if message.from_client and flow_context.of(flow).door is Door.BROWSER:
            message.content = temporary_frame(message.content)
