"""Whose client leaves is ended; who has only not read his body yet is not, and costs nothing."""

import socket

import gevent
import pytest

from api_bridge import leaving
from api_bridge.leaving import end_with_client


@pytest.fixture
def sockets():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def served(sockets):
    """The greenlet of a request that never ends by itself."""

    def app(environ, start_response):
        gevent.sleep(30)
        return []

    environ = {"gunicorn.socket": sockets[0]}
    return gevent.spawn(lambda: end_with_client(app)(environ, lambda *_: None))


def test_who_leaves_is_ended(sockets):
    request = served(sockets)
    gevent.sleep(0.05)
    sockets[1].close()
    request.join(2)
    assert request.dead


def test_a_body_that_nobody_reads_is_looked_at_now_and_then(sockets, monkeypatch):
    looks = []

    def count(probe):
        looks.append(probe)
        return has_left(probe)

    has_left = leaving._has_left
    monkeypatch.setattr(leaving, "_has_left", count)
    monkeypatch.setattr(leaving, "_NEXT_LOOK", 0.1)
    sockets[1].sendall(b"a body")
    request = served(sockets)
    gevent.sleep(0.75)
    assert not request.dead
    assert 3 <= len(looks) <= 9
    sockets[0].recv(100)
    sockets[1].close()
    request.join(2)
    assert request.dead


def test_without_a_connection_nothing_is_watched():
    assert end_with_client(lambda environ, start: [b"x"])({}, lambda *_: None) == [b"x"]
