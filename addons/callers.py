"""Second step: who is calling. Looks the mirror session up by its cookie, on every flow, because
a front mixes the requests of many users on one connection."""

from collections.abc import Sequence

from mitmproxy.http import HTTPFlow

from addons import flow_context, local_answers
from addons.flow_context import Destination, Door, FlowContext
from addons.store import StorageBusyError, Store
from core.cookies import parse_cookie_header
from core.cors import permission
from core.error_page import LANGUAGE_COOKIE
from core.mirror_session import cookie_name
from core.refusals import FOREIGN_ORIGIN, STORAGE_BUSY


class Callers:
    """Fills `context.session`; refuses what another site tries in a signed-in browser."""

    def __init__(self, store: Store, cors_origins: Sequence[str]) -> None:
        self._store, self._cors_origins = store, cors_origins

    async def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.door is Door.BRIDGE:
            return
        # The API knows its callers by their keys: from which page one calls says nothing.
        if context.is_api:
            context.cors = permission(self._cors_origins, flow.request.headers.get("origin", ""))
        elif _is_foreign(flow, context):
            local_answers.refuse(flow, FOREIGN_ORIGIN, context.request_id)
            return
        headers = flow.request.headers.get_all("cookie")
        sent = [pair for header in headers for pair in parse_cookie_header(header)]
        context.language = _only(sent, LANGUAGE_COOKIE)
        cookie = _only(sent, cookie_name(context.mirror.scheme))
        if not cookie:
            return
        try:
            context.session = await self._store.session(cookie)
            context.session_cookie = cookie
        except StorageBusyError:
            local_answers.refuse(flow, STORAGE_BUSY, context.request_id)

    def responseheaders(self, flow: HTTPFlow) -> None:
        """A page of ours may have changed the caller's car or session: know it before he does."""
        is_ours = flow_context.of(flow).destination is Destination.SIDECAR
        if is_ours and flow.request.method not in ("GET", "HEAD"):
            self._store.forget_sessions()


def _only(cookies: Sequence[tuple[str, str]], name: str) -> str:
    values = [v for n, v in cookies if n == name]
    # Two of one name mean that a script has planted one: believe neither.
    return values[0] if len(values) == 1 else ""


def _is_foreign(flow: HTTPFlow, context: FlowContext) -> bool:
    origin = flow.request.headers.get("origin")
    if origin is None or origin == context.mirror.url:
        return False
    is_upgrade = flow.request.headers.get("upgrade", "").lower() == "websocket"
    return is_upgrade or flow.request.method not in ("GET", "HEAD", "OPTIONS")
