"""The head of an answer: built from the allow-list, in the mirror's URLs, with our own marks."""

from http import HTTPStatus

from mitmproxy.http import Headers, HTTPFlow

from addons import flow_context
from addons.flow_context import Destination, Door, FlowContext
from core.csp import script_sources
from core.response_headers import browser_headers, handshake_headers
from core.scrubbing import scrubbed


class InformationalAnswerError(Exception):
    """mitmproxy takes a 103 for the whole answer; the chain answers 502 in its place."""


class AnswerHeaders:
    """Replaces the upstream's header list; the sidecar's passes but for the server's name.

    `snippet` is what `Bodies` puts into pages: their policy must let its scripts run.
    """

    def __init__(self, snippet: str = "") -> None:
        self._script_sources = script_sources(snippet)

    def responseheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        response = flow.response
        assert response
        context.status = response.status_code
        if response.status_code < 200 and response.status_code != 101:
            raise InformationalAnswerError
        if context.destination is Destination.SIDECAR:
            response.headers.pop("server", None)
        elif context.door is Door.BRIDGE:
            response.headers.pop("set-cookie", None)
            response.headers.update(context.account_lent)
        else:
            response.headers = Headers(self._for_browser(flow, context))
            response.reason = _usual_reason(response.status_code)
        response.headers["x-request-id"] = context.request_id

    def _for_browser(self, flow: HTTPFlow, context: FlowContext) -> list[tuple[bytes, bytes]]:
        assert flow.response
        assert context.rule
        upstream = flow.response.headers.fields
        if flow.response.status_code == 101:
            headers = handshake_headers(upstream)
        else:
            host, sources = context.rule.host, self._script_sources
            headers = browser_headers(upstream, context.origins, host, sources)
            headers += [(b"set-cookie", line.encode()) for line in context.set_cookies]
        if context.alias:
            headers = [(name, context.alias.to_page(value)) for name, value in headers]
        return _scrubbed(headers, context.secrets)


def _scrubbed(
    headers: list[tuple[bytes, bytes]], secrets: frozenset[bytes]
) -> list[tuple[bytes, bytes]]:
    """All values are searched as one text first: one search instead of ten, with nothing found."""
    together = b"\n".join([value for _, value in headers])
    if scrubbed(together, secrets) == together:
        return headers
    return [(name, scrubbed(value, secrets)) for name, value in headers]


def _usual_reason(status: int) -> str:
    """Never the upstream's own: it is free text, and no browser shows it."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
