"""Nobody reaches what is another's on an account that several people share.

Every id that a request names, wherever it stands, must be the caller's own: recorded when it was
told to him. Somebody else's, nobody's and an unknown one get the same answer, and the upstream
hears of none. On an account that belongs to the caller alone everything passes.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from mitmproxy.http import Headers, HTTPFlow

import db
from addons import flow_context, local_answers
from addons.flow_context import Destination, Door, FlowContext
from addons.ownership import Ownership
from addons.store import StorageBusyError
from core.ids import NOTHING, Found, IdNames, UnreadableError, ids_in_json, ids_in_query
from core.mirror_config import MirrorConfig
from core.page_filter import PageFilter
from core.refusals import BAD_REQUEST, BODY_TOO_LARGE, NOT_FOUND, STORAGE_BUSY
from core.routes import CHECKED, Do
from core.strict_json import read_json

log = logging.getLogger(__name__)

_PAGES = {"text/html": True, "application/xhtml+xml": True, "text/x-component": False}
LARGEST_CHECKED = 24 * 1024 * 1024
"""A body that must be read whole before it may go on; uploads that stream have none."""


class Isolation:
    """Refuses requests; says which ids of an answer are to be written down."""

    def __init__(self, ownership: Ownership, config: Callable[[], MirrorConfig]) -> None:
        self._ownership = ownership
        self._config = config

    async def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if not _concerns(context):
            return
        assert context.account
        assert context.session
        assert context.route
        context.isolated = context.account.private_to != context.session.user_id
        if not context.isolated:
            return
        if context.route.do is Do.PRIVATE:
            local_answers.refuse(flow, NOT_FOUND, context.request_id)
        elif context.route.claims and not self._ownership.can_claim:
            local_answers.refuse(flow, STORAGE_BUSY, context.request_id)
        elif context.route.do in CHECKED:
            path, _, query = context.upstream_path.partition("?")
            named = Found(frozenset(context.route.ids_in_path(path)), frozenset())
            if context.route.do is Do.PAGE:
                _want_whole(flow)
            await self._check(flow, context, named | ids_in_query(query, self._names(context)))

    async def request(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if not context.isolated or not context.route or context.route.do not in CHECKED:
            return
        body = flow.request.raw_content
        if not body:
            return
        if len(body) > LARGEST_CHECKED:
            local_answers.refuse(flow, BODY_TOO_LARGE, context.request_id)
            return
        try:
            found = ids_in_json(_value(flow, body), self._names(context))
        except UnreadableError:
            local_answers.refuse(flow, BAD_REQUEST, context.request_id)
            return
        await self._check(flow, context, found)

    async def responseheaders(self, flow: HTTPFlow) -> None:
        """Ids are recorded on private accounts too: they may be shared one day."""
        context, response = flow_context.of(flow), flow.response
        assert response
        if not _concerns(context) or not 200 <= response.status_code < 300:
            return
        assert context.account
        assert context.route
        if context.account.is_stored:
            context.claims = context.route.claims
        if context.isolated and context.route.do is Do.PAGE:
            response.headers.pop("content-length", None)  # it would tell how much was taken out
            context.page = await self._page_filter(context, response.headers)

    async def _page_filter(self, context: FlowContext, headers: Headers) -> PageFilter:
        """Raises what the database raises: a page that cannot be filtered is not shown."""
        assert context.account
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _PAGES:
            raise UnreadableError("a page is HTML or a flight payload")
        mine = await self._ownership.all_of(context.account.id, context.owner)
        return PageFilter(mine, self._names(context), is_html=_PAGES[kind])

    async def _check(self, flow: HTTPFlow, context: FlowContext, found: Found) -> None:
        try:
            allowed = await self._may(context, found)
        except (StorageBusyError, db.StorageError):
            local_answers.refuse(flow, STORAGE_BUSY, context.request_id)
            return
        if not allowed:
            log.info("%s names what is not its caller's", context.request_id)
            local_answers.hidden(flow)

    async def _may(self, context: FlowContext, found: Found) -> bool:
        if found == NOTHING:
            return True
        assert context.account
        assert context.route
        if context.route.shared:
            links = {key for key in found.named if key[0] == "share"}
            found = replace(found, named=found.named - links)
            if links and not await self._ownership.is_published(links):
                return False
        return await self._ownership.is_his(context.account.id, context.owner, found)

    def _names(self, context: FlowContext) -> IdNames:
        assert context.route
        return self._config().ids.also(context.route.ids)


def _want_whole(flow: HTTPFlow) -> None:
    """Whether a page has changed depends on what others do."""
    for name in ("if-none-match", "if-modified-since"):
        flow.request.headers.pop(name, None)


def _value(flow: HTTPFlow, body: bytes) -> object:
    if "content-encoding" in flow.request.headers:
        raise UnreadableError("coded")
    return read_json(body)


def _concerns(context: FlowContext) -> bool:
    """What a browser asks of Grok in an account's name."""
    return (
        context.door is Door.BROWSER
        and context.destination is Destination.UPSTREAM
        and context.account is not None
        and context.session is not None
    )
