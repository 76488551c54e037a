"""An upload on a shared account, looked at as it streams: a field nobody knows ends it."""

import logging
from collections.abc import Callable, Iterable

from mitmproxy.http import HTTPFlow

from addons.flow_context import FlowContext
from core.ids import UnreadableError
from core.refusals import BAD_REQUEST
from core.upload_fields import UploadFields

log = logging.getLogger(__name__)


def upload_stream(
    flow: HTTPFlow, context: FlowContext, hang_up: Callable[[HTTPFlow], None]
) -> Callable[[bytes], Iterable[bytes]]:
    """The callable mitmproxy feeds the body through. Raises UnreadableError when the body is no
    form. Inside, an exception would only lose a piece, and a killed flow would still send the end
    of its body: the connection to Grok is cut instead, in the middle of the form."""
    assert context.route
    fields = UploadFields(flow.request.headers.get("content-type", ""), context.route.fields)
    ended = False

    def stream(data: bytes) -> Iterable[bytes]:
        nonlocal ended
        if ended:
            return []
        try:
            piece = fields.feed(data) if data else fields.flush()
        except UnreadableError as error:
            ended = True
            log.info("upload of %s refused: %s", context.request_id, error)
            context.fault = BAD_REQUEST
            hang_up(flow)
            return []
        return [piece] if piece else []

    return stream
