"""One log line per finished call: by which key, for what, how it ended. Never a query, header or
body, and of a path the route alone: that of an image is a key while it lasts.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from flask import Flask, g, request

from api_bridge.transport_rules import Environ, Wsgi

log = logging.getLogger("call")

_KEY = "mirror.call"


@dataclass(slots=True)
class CallNote:
    """What becomes known of a call while it is answered."""

    started: float
    method: str
    request_id: str = "-"
    caller: str = "-"
    route: str = "-"
    status: int = 0
    """What the client was answered (0: nothing)."""
    sent: int = 0
    """Bytes of the body."""
    is_over: bool = False
    """All of the answer was taken."""


def current_call() -> CallNote:
    """The note of the call being answered; one that nobody reads where calls are not logged."""
    found = request.environ.get(_KEY)
    return found if isinstance(found, CallNote) else CallNote(time.monotonic(), request.method)


def name_calls(app: Flask) -> None:
    """Behind `name_requests`: what the line says of the request."""

    @app.before_request
    def name() -> None:
        note = current_call()
        note.request_id = g.request_id
        note.route = request.url_rule.rule if request.url_rule else "-"


def logged(app: Wsgi) -> Wsgi:
    """The app, with a line for each of its answers once it has ended, whoever ended it."""

    def answered(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        note = environ[_KEY] = CallNote(time.monotonic(), environ["REQUEST_METHOD"])

        def start(status: str, *others: Any) -> Any:  # noqa: ANN401  as in WSGI
            note.status = int(status[:3])
            return start_response(status, *others)

        try:
            return _Answer(app(environ, start), note)
        except BaseException:
            _write(note)
            raise

    return answered


class _Answer:
    """The body on its way; closed by the server, however far it came."""

    def __init__(self, body: Iterable[bytes], note: CallNote) -> None:
        self._body, self._note = body, note
        self._pieces: Iterator[bytes] = iter(body)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
        except StopIteration:
            self._note.is_over = True
            raise
        self._note.sent += len(piece)
        return piece

    def close(self) -> None:
        try:
            if close := getattr(self._body, "close", None):
                close()
        finally:
            _write(self._note)


def _write(note: CallNote) -> None:
    log.info(
        "%s caller=%s %s %s -> %d %dms %dB%s",
        note.request_id,
        note.caller,
        note.method,
        note.route,
        note.status,
        (time.monotonic() - note.started) * 1000,
        note.sent,
        "" if note.is_over else " (the client left)",
    )
