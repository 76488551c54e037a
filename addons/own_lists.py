"""Answers lists of an account with what is the caller's alone.

The upstream's pages never stream to a browser: they are read here, bounded, and what is left of
them is the answer. So neither size, coding, HEAD, Range nor content type leads around the filter.
"""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context, local_answers
from addons.flow_context import Destination, FlowContext
from addons.grok_reader import AnswerTooLargeError, GrokReader, NoAnswerError
from addons.ownership import Ownership
from addons.store import StorageBusyError
from core.account_mask import masked
from core.account_trial import Reply
from core.ids import IdNames, UnreadableError, plain_name
from core.mirror_config import MirrorConfig
from core.outcomes import Answer, classify, page_for
from core.own_list import (
    MOST_PAGES,
    Cursor,
    NoListError,
    OwnList,
    ids_of_page,
    page_size,
    without_foreign,
)
from core.refusals import (
    NOT_FOUND,
    STORAGE_BUSY,
    UPSTREAM_ERROR,
    UPSTREAM_UNREACHABLE,
    Refusal,
)
from core.rewriting import JsonRewriter
from core.routes import Do
from core.scrubbing import scrubbed
from core.strict_json import read_answer, read_json, write_json

MOST_SECONDS = 20.0
MOST_ERROR = 16 * 1024
_CURSORS = frozenset({"pagetoken", "cursor"})
_SIZES = frozenset({"pagesize", "limit"})


class _RefusedError(Exception):
    """The list cannot be answered; carries what is answered instead."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


class _SaidNoError(Exception):
    """Grok itself said no, in JSON that a script of its page understands."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply


class OwnLists:
    """Routes that `filter` and `mask`."""

    def __init__(
        self, reader: GrokReader, ownership: Ownership, config: Callable[[], MirrorConfig]
    ) -> None:
        self._reader, self._ownership, self._config = reader, ownership, config

    async def request(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if not context.isolated or not context.route:
            return
        if context.route.do not in (Do.FILTER, Do.MASK):
            return
        context.destination = Destination.NOWHERE
        try:
            answer = await self._answer(flow, context)
        except NoListError:
            local_answers.refuse(flow, UPSTREAM_ERROR, context.request_id)
            return
        except _RefusedError as refused:
            local_answers.refuse(flow, refused.refusal, context.request_id)
            return
        except _SaidNoError as no:
            _show(flow, context, no.reply.status, no.reply.body)
            return
        except (StorageBusyError, db.StorageError):
            local_answers.refuse(flow, STORAGE_BUSY, context.request_id)
            return
        _show(flow, context, 200, write_json(answer))

    async def _answer(self, flow: HTTPFlow, context: FlowContext) -> Any:  # noqa: ANN401 - JSON
        assert context.route
        if context.route.do is Do.MASK:
            return await self._mask(flow, context)
        return await (
            self._list(flow, context) if context.route.lists else self._cut(flow, context)
        )

    async def _cut(self, flow: HTTPFlow, context: FlowContext) -> Any:  # noqa: ANN401 - JSON
        """An answer of which nobody has said what is in it: without all that is another's."""
        names = self._config().ids
        page = await self._page(flow, context, context.upstream_path, flow.request.raw_content)
        mine = await self._mine(context, page, names)
        (cut,) = without_foreign([page], names, mine) or [None]
        if cut is None:
            raise _RefusedError(NOT_FOUND)
        return cut

    async def _mask(self, flow: HTTPFlow, context: FlowContext) -> Any:  # noqa: ANN401 - JSON
        session = context.session
        assert session
        page = await self._page(flow, context, context.upstream_path, flow.request.raw_content)
        return masked(page, session.user_name, session.display_name)

    async def _list(self, flow: HTTPFlow, context: FlowContext) -> dict[str, Any]:
        assert context.route
        assert context.account
        names = self._config().ids.also(context.route.ids)
        asked = _Asked(context.upstream_path, flow.request.raw_content or b"")
        cursor = self._opened(asked.cursor, context)
        own = OwnList(context.route, names, page_size(asked.sizes))
        last = time.monotonic() + MOST_SECONDS
        for _ in range(MOST_PAGES):
            path, body = asked.at(cursor, own.wanted)
            page = await self._page(flow, context, path, body)
            own.add(page, await self._mine(context, page, names), cursor)
            if own.full or own.cursor is None or time.monotonic() > last:
                break
            cursor = own.cursor
        own.answer["nextPageToken"] = self._sealed(own.cursor, context)
        return own.answer

    async def _mine(self, context: FlowContext, page: object, names: IdNames) -> Any:  # noqa: ANN401
        if not isinstance(page, dict):
            raise _RefusedError(UPSTREAM_ERROR)
        assert context.account
        try:
            ids = ids_of_page(page, names)
        except UnreadableError:
            raise _RefusedError(UPSTREAM_ERROR) from None
        return await self._ownership.owned_among(context.account.id, context.owner, ids)

    async def _page(
        self, flow: HTTPFlow, context: FlowContext, path: str, body: bytes | None
    ) -> Any:  # noqa: ANN401 - JSON
        method = "GET" if flow.request.method == "HEAD" else flow.request.method
        try:
            reply = await self._reader.ask(
                context, method, path, flow.request.headers.fields, body or b""
            )
        except AnswerTooLargeError:
            raise _RefusedError(UPSTREAM_ERROR) from None
        except NoAnswerError:
            raise _RefusedError(UPSTREAM_UNREACHABLE) from None
        if reply.status != 200:
            raise _no(reply, is_page=local_answers.wants_page(flow))
        try:
            return read_answer(reply.body)
        except UnreadableError:
            raise _RefusedError(UPSTREAM_ERROR) from None

    def _sealed(self, cursor: Cursor | None, context: FlowContext) -> str:
        if cursor is None:
            return ""
        return db.seal_note(_purpose(context), json.dumps([cursor.token, cursor.skip]))

    def _opened(self, token: str, context: FlowContext) -> Cursor:
        if not token:
            return Cursor()
        note = db.open_note(_purpose(context), token)
        if note is None:
            raise _RefusedError(NOT_FOUND)
        return Cursor(*json.loads(note))


def _show(flow: HTTPFlow, context: FlowContext, status: int, body: bytes) -> None:
    """As any answer of Grok's: without secrets, and with the mirror's URLs."""
    if context.alias:
        body = context.alias.to_page(body)
    rewriter = JsonRewriter(context.origins)
    shown = rewriter.feed(scrubbed(body, context.secrets)) + rewriter.flush()
    local_answers.json_answer(flow, status, shown, context.request_id)


def _purpose(context: FlowContext) -> str:
    """What a cursor is good for: this caller, this account, this list."""
    assert context.account
    path = context.upstream_path.partition("?")[0]
    return f"cursor {context.owner} {context.account.id} {path}"


class _Asked:
    """The question for a list, which is put again for each page."""

    def __init__(self, target: str, body: bytes) -> None:
        self._path, _, query = target.partition("?")
        self._query = parse_qsl(query, keep_blank_values=True)
        value = read_json(body) if body else {}
        self._body = value if isinstance(value, dict) else {}
        self._has_body = bool(body)
        pairs = [*self._query, *self._body.items()]
        self.sizes = [value for name, value in pairs if plain_name(name) in _SIZES]
        self.cursor = next((str(v) for n, v in pairs if v and plain_name(n) in _CURSORS), "")

    def at(self, cursor: Cursor, size: int) -> tuple[str, bytes]:
        """Target and body for the page that begins at the upstream's own cursor."""
        pairs = [(n, str(size) if plain_name(n) in _SIZES else v) for n, v in self._query]
        pairs = [(n, v) for n, v in pairs if plain_name(n) not in _CURSORS]
        body = {n: size if plain_name(n) in _SIZES else v for n, v in self._body.items()}
        body = {n: v for n, v in body.items() if plain_name(n) not in _CURSORS}
        if cursor.token and self._has_body:
            body["pageToken"] = cursor.token
        elif cursor.token:
            pairs.append(("pageToken", cursor.token))
        target = f"{self._path}?{urlencode(pairs)}" if pairs else self._path
        return target, write_json(body) if self._has_body else b""


def _no(reply: Reply, *, is_page: bool) -> _RefusedError | _SaidNoError:
    """A person is told what happened, a script gets what Grok has said, if that is for scripts."""
    is_json = reply.content_type.startswith("application/json")
    if is_json and not is_page and len(reply.body) <= MOST_ERROR:
        return _SaidNoError(reply)
    found = classify(Answer(reply.status, reply.content_type, head=reply.body[:4096]))
    return _RefusedError(page_for(found) or UPSTREAM_ERROR)
