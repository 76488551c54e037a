"""Ends a request whose client has left, however silent it is: his slot and Grok are free at once.

A WSGI layer for gunicorn's gevent worker: its loop watches the client's connection and ends the
greenlet that serves it. Elsewhere, and in tests without a connection, it does nothing.
"""

import socket
from collections.abc import Callable, Iterable
from typing import Any

import gevent
from werkzeug.wsgi import ClosingIterator

from api_bridge.transport_rules import Environ, Wsgi

_NEXT_LOOK = 0.25
"""Seconds, when it is no end but a body that nobody has read yet."""
_READABLE = 1


def end_with_client(app: Wsgi) -> Wsgi:
    """The app, whose requests end when their clients do."""

    def watched(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        connection = environ.get("gunicorn.socket")
        if connection is None:
            return app(environ, start_response)
        watch = _Watch(gevent.getcurrent(), connection)
        try:
            answer = app(environ, start_response)
        except BaseException:
            watch.stop()
            raise
        return ClosingIterator(answer, watch.stop)

    return watched


class _Watch:
    """Begins at once. Callbacks of the loop, as a greenlet for each would double what a silent
    stream holds."""

    def __init__(self, request: gevent.Greenlet, connection: socket.socket) -> None:
        self._request = request
        # A socket of its own for the same connection: whoever closes the other does not matter.
        self._probe = socket.fromfd(connection.fileno(), connection.family, connection.type)
        self._probe.setblocking(False)
        loop = gevent.get_hub().loop
        self._readable = loop.io(self._probe.fileno(), _READABLE)
        self._later = loop.timer(_NEXT_LOOK, _NEXT_LOOK)
        self._begin()

    def stop(self) -> None:
        """May be called twice."""
        for watcher in (self._readable, self._later):
            watcher.stop()
            watcher.close()
        self._probe.close()

    def _begin(self) -> None:
        self._later.stop()
        self._readable.start(self._look)

    def _look(self) -> None:
        self._readable.stop()
        if _has_left(self._probe):
            self._request.kill(block=False)
        else:
            self._later.again(self._begin)  # `start` would not wait a second time


def _has_left(probe: socket.socket) -> bool:
    try:
        return probe.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
