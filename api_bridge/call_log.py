"""One log line per finished call: by which key, for what, how it ended. Never a query, header or
body, and of a path the route alone: that of an image is a key while it lasts.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, g, request
from werkzeug.wsgi import ClosingIterator

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
            body = app(environ, start)
        except BaseException:
            _write(note)
            raise
        return ClosingIterator(_counted(body, note), partial(_close, body, note))

    return answered


def _counted(body: Iterable[bytes], note: CallNote) -> Iterator[bytes]:
    for piece in body:
        note.sent += len(piece)
        yield piece
    note.is_over = True


def _close(body: Iterable[bytes], note: CallNote) -> None:
    try:
        if close := getattr(body, "close", None):
            close()
    finally:
        _write(note)


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
