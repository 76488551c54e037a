"""mitmproxy's own error pages, replaced: they name its version and the address it could not reach.

No hook can change them, so three private functions are: where an HTTP stream handles a protocol
error (to know which flow it is), and where HTTP/1 and HTTP/2 write the page. `install` checks
that they still are where they were, and a test reads the bytes on the wire.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace

from mitmproxy import http, version
from mitmproxy.net.http import http1
from mitmproxy.proxy.layers.http import HttpStream, _http1, _http2
from mitmproxy.proxy.layers.http._events import RequestProtocolError, ResponseProtocolError

from addons import flow_context, local_answers
from addons.flow_context import Destination
from core.error_page import html_page
from core.refusals import BAD_REQUEST, BODY_TOO_LARGE, SIDECAR_DOWN, UPSTREAM_UNREACHABLE, Refusal

log = logging.getLogger(__name__)

type _Page = tuple[int, bytes, list[tuple[bytes, bytes]]]

_KEY = "grok-mirror-page:"
_BY_STATUS = {400: BAD_REQUEST, 413: BODY_TOO_LARGE}
_pages: dict[str, _Page] = {}
"""Pages prepared for a flow, between the error and the writing of its answer a moment later."""


def install() -> None:
    """Replace the functions; raises AttributeError when mitmproxy has moved them."""
    original = HttpStream.handle_protocol_error

    def handle_protocol_error(
        self: HttpStream,
        event: RequestProtocolError | ResponseProtocolError,
    ) -> Iterator[object]:
        if isinstance(event, ResponseProtocolError):
            event = with_page(self.flow, event)
        yield from original(self, event)

    _replace(HttpStream, "handle_protocol_error", handle_protocol_error)
    _replace(_http1, "make_error_response", _http1_answer)
    _replace(_http2, "format_error", lambda status, message: _page(status, message)[1])
    _replace(version, "MITMPROXY", "grok-mirror")


def _replace(where: object, name: str, value: object) -> None:
    if not hasattr(where, name):
        raise AttributeError(f"this mitmproxy has no {name}: its error pages would show")
    setattr(where, name, value)


def with_page(flow: http.HTTPFlow, event: ResponseProtocolError) -> ResponseProtocolError:
    """The same error, told by the page or JSON that suits the flow's client."""
    context = flow_context.of_or_none(flow)
    if context is None or event.code.http_status_code() is None:
        return event
    refusal = context.fault or _default_fault(context.destination)
    log.info("flow %s: %s (%s)", context.request_id, refusal.code, event.code.name)
    context.status = context.status or refusal.status
    body, content_type = local_answers.refusal_body(flow, refusal, context.request_id)
    headers = [(b"content-type", content_type), *context.own_headers]
    _pages[context.request_id] = (refusal.status, body, headers)
    if len(_pages) > 1_000:  # answers that were never written: their clients had gone
        _pages.pop(next(iter(_pages)))
    return replace(event, message=_KEY + context.request_id)


def _default_fault(destination: Destination) -> Refusal:
    return SIDECAR_DOWN if destination is Destination.SIDECAR else UPSTREAM_UNREACHABLE


def _page(status: int, message: str) -> _Page:
    prepared = _pages.pop(message.removeprefix(_KEY), None) if message.startswith(_KEY) else None
    if prepared:
        return prepared
    refusal = _BY_STATUS.get(status, UPSTREAM_UNREACHABLE)
    page = html_page(refusal, "", chinese=True)
    return refusal.status, page, [(b"content-type", b"text/html; charset=utf-8")]


def _http1_answer(status_code: int, message: str = "") -> bytes:
    status, body, headers = _page(status_code, message)
    headers = [*headers, (b"cache-control", b"no-store"), (b"connection", b"close")]
    answer = http.Response.make(status, body, http.Headers(headers))
    return bytes(http1.assemble_response(answer))
