"""What mitmproxy holds without a bound, bounded.

Private classes are wrapped, because no option or hook reaches there: heads of requests, bodies that
wait for their end, TLS that waits. Tests send the bytes.
"""

import weakref
from collections.abc import Callable
from typing import Any

from mitmproxy import flow
from mitmproxy.net import tls as net_tls
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http import HttpStream, SendHttp, _http1
from mitmproxy.proxy.layers.http._events import ErrorCode, ResponseProtocolError
from mitmproxy.proxy.layers.http._hooks import HttpErrorHook
from mitmproxy.proxy.layers.http._http1 import Http1Server
from OpenSSL import SSL

from addons import error_pages, flow_context
from addons.wrapping import Steps, wrap
from core.refusals import BODY_TOO_LARGE

MOST_HEAD = 64 * 1024
"""Of one HTTP/1 request; the gate allows half of it, and says so itself."""
SMALL_BODY = 64 * 1024
"""Bodies up to here are always held: sign-in and chat go on whatever others upload."""
LARGEST_BODY = 32 * 1024 * 1024
MOST_HELD = 256 * 1024 * 1024
"""All bodies above SMALL_BODY together."""

_original_context = net_tls._create_ssl_context
_holding: weakref.WeakSet[HttpStream] = weakref.WeakSet()


def install() -> None:
    """Call once, before anything listens."""
    wrap(Http1Server, "read_headers", _read_headers)
    wrap(HttpStream, "check_body_size", _check_body_size)
    net_tls._create_ssl_context = _create_ssl_context


def _create_ssl_context(**options: Any) -> SSL.Context:  # noqa: ANN401
    """As mitmproxy makes it; a silent connection holds no buffers, which are 16 kB each way."""
    context = _original_context(**options)
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    return context


def _read_headers(
    original: Callable[..., Steps], self: Http1Server, event: events.ConnectionEvent
) -> Steps:
    yield from original(self, event)
    if self.state == self.read_headers and len(self.buf) > MOST_HEAD:
        yield commands.SendData(self.conn, _http1.make_error_response(400))
        yield commands.CloseConnection(self.conn)
        self.state = self.done


def _check_body_size(original: Callable[..., Steps], self: HttpStream, request: bool) -> Steps:
    body = self.request_body_buf
    if request and len(body) > SMALL_BODY:
        if self.flow.response:  # answered already: what still comes is not needed
            body.clear()
            return False
        _holding.add(self)
        if len(body) > LARGEST_BODY or sum(map(_held, _holding)) > MOST_HELD:
            yield from _refuse_body(self)
            return True
    return (yield from original(self, request))


def _held(stream: HttpStream) -> int:
    flow = stream.flow
    return len(stream.request_body_buf) + len(flow.request.raw_content or b"") if flow.live else 0


def _refuse_body(stream: HttpStream) -> Steps:
    """As mitmproxy does with its own limit."""
    message = "the request body is too large"
    stream.flow.error = flow.Error(message)
    stream.request_body_buf.clear()
    yield HttpErrorHook(stream.flow)
    if context := flow_context.of_or_none(stream.flow):
        context.fault = BODY_TOO_LARGE
    error = ResponseProtocolError(stream.stream_id, message, ErrorCode.REQUEST_TOO_LARGE)
    yield SendHttp(error_pages.with_page(stream.flow, error), stream.context.client)
    stream.client_state = stream.state_errored
    stream.flow.live = False
