"""Chunks → the answer of an HTTP request, streamed or in one piece.

The status is chosen only after Grok's first words, so that what fails before them is a real error.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain

from flask import Response

from api_bridge.answer_head import Chunk
from api_bridge.transport_rules import json_response

_SSE_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    "X-Accel-Buffering": "no",
}
_IDS = ("conversation_id", "message_id")
_PATIENCE = 2
"""Signs of life to wait through before the status is sent; each stands for some ten seconds."""


def whole(found: Iterator[Chunk], fold: Callable[[Iterable[Chunk]], Chunk]) -> Response:
    """All of it at once."""
    answer = fold(found)
    response = json_response(answer)
    response.headers.update(_ids([answer]))
    return response


def streamed(
    found: Iterator[Chunk], body: Callable[[Iterable[Chunk]], Iterator[bytes]], held: ExitStack
) -> Response:
    """What is held for the call passes to the body of the answer once its first words are there."""
    first = list(_first_words(found))
    kept = held.pop_all()
    headers = {**_SSE_HEADERS, **_ids(first)}
    response = Response(_body_of(body(chain(first, found)), kept), headers=headers)
    response.call_on_close(kept.close)
    return response


def _body_of(body: Iterator[bytes], held: ExitStack) -> Iterator[bytes]:
    with held:  # at the end of the answer, not only when the server lets go of it
        yield from body


def _ids(said: list[Chunk]) -> dict[str, str]:
    """The conversation's ids as headers, for who reads no further keys of the body."""
    last = said[-1] if said else {}
    known = last.get("response") or last.get("message") or last
    return {f"x-{name.replace('_', '-')}": known[name] for name in _IDS if known.get(name)}


def _first_words(found: Iterator[Chunk]) -> Iterator[Chunk]:
    """Chunks up to the first that says something, or as many signs of life as may pass."""
    for count, chunk in enumerate(found, start=1):
        yield chunk
        if chunk or count >= _PATIENCE:
            return
