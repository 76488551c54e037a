"""Routes that are `virtual`: what a user sets is kept here, and nobody else ever sees it; and those
that are `empty`, where nobody has anything.

The account's own state stays untouched, so nothing one user writes reaches another's chats.
"""

import json

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context, local_answers
from addons.flow_context import Destination, FlowContext
from addons.store import StorageBusyError, Store
from core.ids import UnreadableError
from core.refusals import BAD_REQUEST, BODY_TOO_LARGE, STORAGE_BUSY
from core.routes import Do
from core.strict_json import read_json, write_json

_ANSWERED = frozenset({Do.VIRTUAL, Do.EMPTY})
MOST_BYTES = 64 * 1024


class KeptSettings:
    """Answers from the database: the row's `body` under what the user has set."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def request(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if not (context.isolated and context.route and context.route.do in _ANSWERED):
            return
        context.destination = Destination.NOWHERE
        if context.route.do is Do.EMPTY:
            local_answers.fixed(flow, 200, context.route.body, context.request_id)
            return
        try:
            await self._answer(flow, context)
        except UnreadableError:
            local_answers.refuse(flow, BAD_REQUEST, context.request_id)
        except (StorageBusyError, db.StorageError):
            local_answers.refuse(flow, STORAGE_BUSY, context.request_id)

    async def _answer(self, flow: HTTPFlow, context: FlowContext) -> None:
        assert context.session
        assert context.route
        user_id, path = context.session.user_id, context.upstream_path.partition("?")[0]
        kept_text = await self._store.call(db.load_kept, user_id, path)
        kept = json.loads(kept_text) if kept_text else {}
        if flow.request.method not in ("GET", "HEAD"):
            kept = {} if flow.request.method == "DELETE" else {**kept, **_sent(flow)}
            text = write_json(kept)
            if len(text) > MOST_BYTES:
                local_answers.refuse(flow, BODY_TOO_LARGE, context.request_id)
                return
            await self._store.call(db.keep, user_id, path, text.decode())
        whole = {**json.loads(context.route.body), **kept}
        local_answers.json_answer(flow, 200, write_json(whole), context.request_id)


def _sent(flow: HTTPFlow) -> dict[str, object]:
    body = flow.request.raw_content or b""
    value = read_json(body) if body else {}
    if not isinstance(value, dict):
        raise UnreadableError("not an object")
    return value
