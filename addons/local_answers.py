"""Answers made here instead of upstream: refusals, redirects and small JSON."""

from collections.abc import Mapping

from mitmproxy.http import Headers, HTTPFlow, Response

from addons import flow_context
from core.error_page import PAGE_CSP, html_page, json_error, prefers_chinese
from core.gate import METHODS
from core.refusals import METHOD_NOT_ALLOWED, NOT_FOUND, Refusal

NOTHING_THERE = b'{"code":5,"message":"Not found","details":[]}'
"""As Grok says it."""


def wants_page(flow: HTTPFlow) -> bool:
    """True when a person looks at the answer: a navigation, or a client that asks for HTML."""
    headers = flow.request.headers
    destination = headers.get("sec-fetch-dest")
    if destination is not None:
        return destination in ("document", "iframe")
    return "text/html" in headers.get("accept", "")


def refuse(flow: HTTPFlow, refusal: Refusal, request_id: str) -> None:
    """Answer with the refusal, as a page or as JSON."""
    body, content_type = refusal_body(flow, refusal, request_id)
    headers = [(b"content-type", content_type), (b"content-security-policy", PAGE_CSP.encode())]
    if refusal is METHOD_NOT_ALLOWED:
        headers.append((b"allow", ", ".join(sorted(METHODS)).encode()))
    _answer(flow, refusal.status, body, headers, request_id)


def hidden(flow: HTTPFlow) -> None:
    """What is somebody else's, nobody's or not there: the same bytes each time, whichever it is."""
    if wants_page(flow):
        body, content_type = refusal_body(flow, NOT_FOUND, "")
    else:
        body, content_type = NOTHING_THERE, b"application/json"
    headers = [(b"content-type", content_type), (b"content-security-policy", PAGE_CSP.encode())]
    _answer(flow, NOT_FOUND.status, body, headers, "")


def json_answer(flow: HTTPFlow, status: int, body: bytes, request_id: str) -> None:
    """An answer put together here from what Grok has said."""
    headers = [(b"content-type", b"application/json")]
    _answer(flow, status, body, headers, request_id)


def refusal_body(flow: HTTPFlow, refusal: Refusal, request_id: str) -> tuple[bytes, bytes]:
    """The body and content type that suit this client."""
    if wants_page(flow):
        context = flow_context.of_or_none(flow)
        chinese = prefers_chinese(
            flow.request.headers.get("accept-language", ""), context.language if context else ""
        )
        page = html_page(refusal, request_id, chinese=chinese)
        return page, b"text/html; charset=utf-8"
    return json_error(refusal, request_id), b"application/json"


def redirect(flow: HTTPFlow, location: str, request_id: str) -> None:
    """303: the browser follows with GET."""
    _answer(flow, 303, b"", [(b"location", location.encode())], request_id)


def hand_over(flow: HTTPFlow, told: Mapping[str, str]) -> None:
    """Have the front bring this call to the bridge, and tell it what was found out here."""
    headers = {"x-accel-redirect": "@bridge", "content-length": "0", **told}
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    flow.response = Response.make(200, b"", Headers(fields))


def fixed(flow: HTTPFlow, status: int, body: str, request_id: str) -> None:
    """A body from the route table: JSON or a picture when it looks like it, else plain text."""
    content_type = b"text/plain; charset=utf-8"
    if body.startswith(("{", "[")):
        content_type = b"application/json"
    elif body.startswith("<svg "):
        content_type = b"image/svg+xml"
    _answer(flow, status, body.encode(), [(b"content-type", content_type)], request_id)


def _answer(
    flow: HTTPFlow,
    status: int,
    body: bytes,
    headers: list[tuple[bytes, bytes]],
    request_id: str,
) -> None:
    """HEAD gets the head alone: mitmproxy would send the body too, and the next answer on the
    connection would begin with it."""
    always = [
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", str(len(body)).encode()),
    ]
    if request_id:
        always.append((b"x-request-id", request_id.encode()))
    if context := flow_context.of_or_none(flow):
        always += context.own_headers
    shown = b"" if flow.request.method == "HEAD" else body
    flow.response = Response.make(status, shown, Headers([*headers, *always]))
