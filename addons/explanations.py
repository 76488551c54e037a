"""Errors of the upstream, judged by their first bytes and told to the right reader.

A person who opened a page gets our page: what happened, what to do. A script that expects JSON
gets JSON where the upstream (or Cloudflare) sent a web page. Everything else passes as it is.
"""

from mitmproxy.http import HTTPFlow

from addons import local_answers
from addons.flow_context import Door, FlowContext
from core.error_page import PAGE_CSP
from core.outcomes import PEEK_BYTES, Answer, Outcome, classify, page_for
from core.refusals import UPSTREAM_ERROR
from core.waits import wait_in_body

EXPLAINED = frozenset({401, 403, 429, *range(500, 600)})
MOST_ERROR_BYTES = 64 * 1024


class Peek:
    """A stage that changes nothing and notes the outcome at the end of the body."""

    def __init__(self, flow: HTTPFlow, context: FlowContext) -> None:
        assert flow.response
        self._context = context
        self._status = flow.response.status_code
        self._content_type = flow.response.headers.get("content-type", "")
        self._cf_mitigated = flow.response.headers.get("cf-mitigated", "")
        self._path = context.path.partition("?")[0]
        self._head = b""

    def feed(self, data: bytes) -> bytes:
        if len(self._head) < PEEK_BYTES:
            self._head += data[: PEEK_BYTES - len(self._head)]
        return data

    def flush(self) -> bytes:
        self._context.outcome = self.outcome()
        if self._context.wait is None:
            self._context.wait = wait_in_body(self._head)
        return b""

    def outcome(self) -> Outcome:
        """The verdict on what has been seen so far."""
        return classify(
            Answer(
                status=self._status,
                content_type=self._content_type,
                cf_mitigated=self._cf_mitigated,
                head=bytes(self._head),
                path=self._path,
            )
        )


class Explanation:
    """A stage that eats the upstream's body and gives ours at the end."""

    def __init__(self, flow: HTTPFlow, context: FlowContext) -> None:
        self._peek = Peek(flow, context)
        self._flow = flow
        self._context = context

    def feed(self, data: bytes) -> bytes:
        self._peek.feed(data)
        return b""

    def flush(self) -> bytes:
        self._peek.flush()
        refusal = page_for(self._peek.outcome()) or UPSTREAM_ERROR
        return local_answers.refusal_body(self._flow, refusal, self._context.request_id)[0]


def explanation_for(flow: HTTPFlow, context: FlowContext) -> Explanation | None:
    """The stage for this answer, with its headers already set; None when it passes as it is."""
    assert flow.response
    headers = flow.response.headers
    if context.door is Door.BRIDGE or flow.response.status_code not in EXPLAINED:
        return None
    is_html = headers.get("content-type", "").lower().startswith("text/html")
    if not (local_answers.wants_page(flow) or is_html):
        return None
    explanation = Explanation(flow, context)
    page = local_answers.wants_page(flow)
    headers["content-type"] = "text/html; charset=utf-8" if page else "application/json"
    headers["content-security-policy"] = PAGE_CSP
    headers["cache-control"] = "no-store"
    return explanation
