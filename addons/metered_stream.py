"""Guards and measures the callable that mitmproxy feeds a body through.

mitmproxy loses the chunk a callable raised on and streams on with a hole; an empty chunk would
end the body early and leave its rest for the next user of the connection. Neither may happen.
"""

import logging
import time
from collections.abc import Callable, Iterable

from mitmproxy.http import HTTPFlow

from addons.flow_context import FlowContext

log = logging.getLogger(__name__)

IDLE_SECONDS = 120.0
"""How long an upstream may be silent in the middle of a body."""

StreamFilter = Callable[[bytes], Iterable[bytes]]


def metered(
    flow: HTTPFlow, context: FlowContext, inner: StreamFilter, *, idle: float | None = IDLE_SECONDS
) -> StreamFilter:
    """`inner` made fail-closed: after an error nothing more of this body reaches the client, and
    his connection is cut instead of ended. `idle` None = may be silent as long as it likes."""
    broken = False

    def stream(data: bytes) -> Iterable[bytes]:
        nonlocal broken
        if broken:
            return []
        try:
            pieces = [piece for piece in inner(data) if piece]
        except Exception as error:  # noqa: BLE001 - mitmproxy would go on with a hole in the body
            broken = True
            log.error("body of %s cut: %s", context.request_id, type(error).__name__)  # noqa: TRY400
            context.deadline = 0.0
            if flow.killable:
                flow.kill()
            return []
        context.bytes_out += sum(map(len, pieces))
        context.deadline = time.monotonic() + idle if data and idle else None
        return pieces

    return stream
