"""The body of an answer: which stages it passes on its way to the browser, by type.

Text is decoded, scrubbed and rewritten as it streams; other bodies pass with their length kept.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from mitmproxy.http import Headers, HTTPFlow

from addons import flow_context
from addons.charsets import BINARY
from addons.codings import body_filter
from addons.explanations import Peek, explanation_for
from addons.flow_context import Destination, Door, FlowContext
from addons.metered_stream import metered
from core.account_alias import AliasStage
from core.body_kinds import BodyKind, body_kind, charset_of
from core.claims import ClaimStage
from core.html_edits import HtmlEdits
from core.ids import ObjectId
from core.mode_menu import ModeMenu
from core.outcomes import SESSION_PROBE
from core.response_headers import without_framing
from core.rewriting import JsonRewriter, StreamRewriter, TextRewriter
from core.scrubbing import LengthKeepingScrubber, Scrubber

type Claim = Callable[[int, str, Iterable[ObjectId]], None]

NO_BODY = frozenset({101, 204, 304})


class Bodies:
    """`snippet` goes before </head> of every page (the GOOGLEADS setting), empty for none; `badge`
    into the app's own pages only. `claim` writes down whose the ids of an answer are."""

    def __init__(self, snippet: bytes, claim: Claim, badge: bytes = b"") -> None:
        self._snippet, self._claim, self._badge = snippet, claim, badge

    def responseheaders(self, flow: HTTPFlow) -> None:
        context, response = flow_context.of(flow), flow.response
        assert response
        context.deadline = None
        if response.status_code in NO_BODY or flow.request.method == "HEAD":
            return
        if context.destination is Destination.SIDECAR:
            # An API stream may be silent for long; its own heartbeat is the sidecar's duty.
            response.stream = metered(flow, context, lambda data: [data], idle=None)
            return
        explanation = explanation_for(flow, context)
        if explanation:
            self._install(flow, context, [explanation], decoded=True)
            return
        stages, decoded = self._stages(flow, context)
        if response.status_code >= 400 or _tells_who_it_is(context):
            stages.insert(0, Peek(flow, context))
        self._install(flow, context, stages, decoded=decoded)

    def _stages(self, flow: HTTPFlow, context: FlowContext) -> tuple[list[StreamRewriter], bool]:
        """The stages, and whether they need the decoded body."""
        assert flow.response
        headers = flow.response.headers
        kind = body_kind(headers.get("content-type", ""))
        if context.door is Door.BRIDGE or flow.response.status_code == 206:
            kind = BodyKind.OPAQUE
        if kind is BodyKind.OPAQUE:
            # A compressed body would hide its secrets from the scrubber.
            kept: list[StreamRewriter] = (
                [LengthKeepingScrubber(context.secrets)] if context.secrets else []
            )
            return kept, bool(kept) and "content-encoding" in headers
        stages = self._apart(context, kind)
        if context.secrets:
            stages.append(Scrubber(context.secrets))
        rewriter = JsonRewriter if kind is BodyKind.JSON else TextRewriter
        stages.append(rewriter(context.origins))
        if kind is BodyKind.HTML:
            stages.append(HtmlEdits(self._snippet + (self._badge if _is_app(context) else b"")))
        return stages, True

    def _apart(self, context: FlowContext, kind: BodyKind) -> list[StreamRewriter]:
        """What is looked at, and taken out, because others use the account too."""
        stages: list[StreamRewriter] = []
        if context.claims and context.account and kind is BodyKind.JSON:
            claim = partial(self._claim, context.account.id, context.owner)
            stages.append(ClaimStage(context.claims, claim))
        if context.page:
            stages.append(context.page)
        if context.offered and kind is BodyKind.JSON:
            stages.append(ModeMenu(context.offered))
        if context.alias:
            stages.append(AliasStage(context.alias))
        return stages

    def _install(
        self,
        flow: HTTPFlow,
        context: FlowContext,
        stages: Sequence[StreamRewriter],
        *,
        decoded: bool,
    ) -> None:
        assert flow.response
        headers = flow.response.headers
        codings = headers.get("content-encoding", "") if decoded else ""
        content_type = headers.get("content-type", "")
        is_json = body_kind(content_type) is BodyKind.JSON
        charset = charset_of(content_type) or ("utf-8" if is_json else None)
        if not decoded:
            charset = BINARY
        if decoded:
            flow.response.headers = Headers(without_framing(list(headers.fields)))
            if flow.request.http_version == "HTTP/1.1":
                flow.response.headers["transfer-encoding"] = "chunked"
        flow.response.stream = metered(flow, context, body_filter(stages, codings, charset))


def _is_app(context: FlowContext) -> bool:
    """A page of the app for somebody who is signed in; what people made is shown as it is."""
    is_main = (
        context.rule is not None and context.rule.host.cookies and not context.rule.host.sandbox
    )
    return is_main and context.session is not None


def _tells_who_it_is(context: FlowContext) -> bool:
    return context.path.partition("?")[0] == SESSION_PROBE
