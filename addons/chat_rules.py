"""Makes the chats of the mirrored page keep the rules of the house (`core.chat_rules`)."""

import json

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context, local_answers
from addons.flow_context import Destination, Door, FlowContext
from addons.store import Store
from core import chat_rules
from core.chat_rules import ChatRules as Rules
from core.ids import UnreadableError
from core.refusals import BAD_REQUEST
from core.strict_json import read_objects, write_json

SETTINGS_PATH = "/rest/user-settings"
"""Where the page keeps what a user tells Grok to heed."""


class ChatRules:
    """`temporary` is the WEB_HATD setting. A chat that cannot be read is refused, not let by."""

    def __init__(self, store: Store, *, temporary: bool) -> None:
        self._store, self._temporary = store, temporary

    async def request(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        path = context.upstream_path.partition("?")[0]
        if not self._is_ruled(context) or not chat_rules.concerns(flow.request.method, path):
            return
        rules = await self._rules(context)
        try:
            body = chat_rules.ruled_body(flow.request.raw_content or b"", path, rules)
        except UnreadableError:
            local_answers.refuse(flow, BAD_REQUEST, context.request_id)
            return
        flow.request.raw_content = body
        flow.request.headers["content-length"] = str(len(body))

    async def websocket_message(self, flow: HTTPFlow) -> None:
        """Raises UnreadableError for a frame that may open a session and cannot be read."""
        context = flow_context.of(flow)
        assert flow.websocket
        message = flow.websocket.messages[-1]
        if not message.from_client or not self._is_ruled(context):
            return
        # An escape could spell the event.
        if b"session.create" not in message.content and b"\\u" not in message.content:
            return
        rules = await self._rules(context)
        frames = read_objects(message.content)
        message.content = b"".join(
            write_json(chat_rules.ruled_frame(frame, rules)) for frame in frames
        )

    def _is_ruled(self, context: FlowContext) -> bool:
        is_chat = context.door is Door.BROWSER and context.destination is Destination.UPSTREAM
        return is_chat and (self._temporary or context.isolated)

    async def _rules(self, context: FlowContext) -> Rules:
        if not context.isolated:
            return Rules(temporary=self._temporary)
        assert context.session
        kept = await self._store.call(db.load_kept, context.session.user_id, SETTINGS_PATH)
        instructions = chat_rules.instructions_in(json.loads(kept)) if kept else ""
        return Rules(self._temporary, shared=True, instructions=instructions)
