"""Chunks → server-sent events, in the framing that all clients of a dialect read.

Comments keep the connection alive. Never `id:` lines, in chats never `event:` lines either, never
anything after [DONE], and an error frame has no `choices`: each of these breaks some client.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
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
    """The body of a streamed chat."""
    yield OK
    try:
        for chunk in chunks:
            yield frame(chunk)
    except BridgeError as error:
        yield error_frame(error)
        return
    yield DONE


type Failure = Callable[[BridgeError, Mapping[str, Any]], Iterable[Mapping[str, Any]]]


def named_frame(value: Mapping[str, Any]) -> bytes:
    """One event whose name stands before it as well."""
    name = f"event: {value['type']}\n".encode() if value else b""
    return name + frame(value)


def named(events: Iterable[Mapping[str, Any]], failure: Failure) -> Iterator[bytes]:
    """The body of a streamed answer whose events have names; `failure` makes its end out of what
    was said, should it have to break off."""
    yield OK
    said: dict[str, Any] = {}
    try:
        for event in events:
            yield named_frame(event)
            said |= event
    except BridgeError as error:
        for event in failure(error, said):
            yield named_frame(event)
