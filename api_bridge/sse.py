"""Chunks → server-sent events, in the one framing that all clients read.

Comments keep the connection alive. Never `id:` or `event:` lines, never anything after [DONE], and
an error frame has no `choices`: each of these breaks some client.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api_bridge.errors import BridgeError, api_error
from api_bridge.json_bytes import json_bytes

OK = b": ok\n\n"
PING = b": ping\n\n"
DONE = b"data: [DONE]\n\n"


def frame(value: Mapping[str, Any]) -> bytes:
    """One event; an empty value is only a sign of life."""
    if not value:
        return PING
    return b"data: " + json_bytes(value) + b"\n\n"


def error_frame(error: BridgeError) -> bytes:
    """The end of a stream that has begun and cannot go on."""
    return frame(api_error(error).body())


def stream(chunks: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The body of a streamed answer."""
    yield OK
    try:
        for chunk in chunks:
            yield frame(chunk)
    except BridgeError as error:
        yield error_frame(error)
        return
    yield DONE
