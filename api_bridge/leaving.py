"""Ends a request whose client has left, however silent it is: his slot and Grok are free at once.

A WSGI layer for gunicorn's gevent worker: a second greenlet watches the client's connection and
ends the one that serves it. Elsewhere, and in tests without a connection, it does nothing.
"""

import socket
from collections.abc import Callable, Iterable
from typing import Any

import gevent
import gevent.socket
from werkzeug.wsgi import ClosingIterator

from api_bridge.transport_rules import Environ, Wsgi

_NEXT_LOOK = 0.25
"""Seconds, when it is no end but a body that nobody has read yet."""


def end_with_client(app: Wsgi) -> Wsgi:
    """The app, whose requests end when their clients do."""

    def watched(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        connection = environ.get("gunicorn.socket")
        if connection is None:
            return app(environ, start_response)
        watcher = gevent.spawn(_end, gevent.getcurrent(), connection)

        def stop_watching() -> None:
            watcher.kill(block=False)

        try:
            answer = app(environ, start_response)
        except BaseException:
            stop_watching()
            raise
        return ClosingIterator(answer, stop_watching)

    return watched


def _end(request: gevent.Greenlet, connection: socket.socket) -> None:
    # A socket of its own for the same connection: gevent lets one greenlet wait on each.
    with socket.fromfd(connection.fileno(), connection.family, connection.type) as probe:
        probe.setblocking(False)
        while not _has_left(probe):
            gevent.sleep(_NEXT_LOOK)
    request.kill(block=False)


def _has_left(probe: socket.socket) -> bool:
    gevent.socket.wait_read(probe.fileno())
    try:
        return probe.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
