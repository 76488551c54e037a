"""Pieces of any size, in order, with as few calls as there were pieces on the wire."""

import socket
from http.client import HTTPConnection, HTTPResponse

import pytest

from api_bridge.read_ahead import ReadAhead, has_some


def test_what_came_at_once_is_given_out_in_pieces():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ahead = ReadAhead(ours)
        theirs.sendall(b"abcdef")
        assert [ahead.recv(2), ahead.recv(1), ahead.recv(9)] == [b"ab", b"c", b"def"]
        theirs.sendall(b"gh")
        assert ahead.recv(1) + ahead.recv(1) == b"gh"
        theirs.close()
        assert ahead.recv(5) == ahead.recv(5) == b""


def test_an_answer_is_read_through_it():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
        answer = HTTPResponse(ReadAhead(ours))
        answer.begin()
        assert answer.read1(100) == b"hi"
        theirs.sendall(b"5\r\nthere\r\n0\r\n\r\n")
        assert answer.read() == b"there"


def test_nothing_is_waited_for_that_is_not_there_yet():
    """What has come is there at once; the end of a chunk is nothing."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        answer = HTTPResponse(ReadAhead(ours))
        answer.begin()
        assert not has_some(answer, 0.01)
        theirs.sendall(b"2\r\nhi\r\n3\r\nyou\r\n")
        for word in (b"hi", b"you"):
            assert has_some(answer, 0)
            assert answer.read1(100) == word
        assert not has_some(answer, 0)
        theirs.sendall(b"0\r\n\r\n")
        assert has_some(answer, 1)
        assert answer.read1(100) == b""
        assert answer.isclosed()


def test_an_end_in_the_middle_is_something_too():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
        answer = HTTPResponse(ReadAhead(ours))
        answer.begin()
        assert answer.read1(100) == b"hi"
        theirs.close()
        assert has_some(answer, 1)


@pytest.mark.parametrize(
    ("head", "rest"),
    [
        (b"Content-Length: 5\r\n\r\n", b"there"),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nthere\r\n0\r\n\r\n"),
        (b"\r\n", b"there"),
    ],
    ids=["length", "chunked", "to the end"],
)
def test_an_answer_that_ends_its_connection_is_read_to_the_end(head, rest):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = HTTPConnection("grok.test")
        connection.sock = ReadAhead(ours)
        connection.request("GET", "/")
        theirs.sendall(b"HTTP/1.1 403 No\r\nConnection: close\r\n" + head)
        answer = connection.getresponse()
        theirs.sendall(rest)
        theirs.shutdown(socket.SHUT_WR)
        assert answer.read() == b"there"


def test_all_else_is_the_sockets_own():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ahead = ReadAhead(ours)
        ahead.settimeout(3)
        assert (ours.gettimeout(), ahead.fileno()) == (3, ours.fileno())
        assert ahead.send(b"x") == 1
        assert theirs.recv(1) == b"x"
