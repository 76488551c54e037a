"""Pieces of any size, in order, with as few calls as there were pieces on the wire."""

import socket
import threading
import time
from http.client import HTTPConnection, HTTPResponse, IncompleteRead

import pytest

from api_bridge.read_ahead import ReadAhead, what_comes


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


@pytest.fixture
def chunked():
    """An answer whose head has come, and who sends the rest."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        answer = HTTPResponse(ReadAhead(ours))
        answer.begin()
        yield answer, theirs


def test_an_answer_is_read_through_it(chunked):
    answer, theirs = chunked
    theirs.sendall(b"2\r\nhi\r\n")
    assert answer.read1(100) == b"hi"
    theirs.sendall(b"5\r\nthere\r\n0\r\n\r\n")
    assert answer.read() == b"there"


def test_what_is_there_comes_together_and_nothing_else_is_waited_for(chunked):
    answer, theirs = chunked
    with pytest.raises(TimeoutError):
        what_comes(answer, 0.01)
    theirs.sendall(b"2\r\nhi\r\n3\r\nyou\r\n")
    assert what_comes(answer, 1) == b"hiyou"
    with pytest.raises(TimeoutError):
        what_comes(answer, 0)
    theirs.sendall(b"1\r\n!\r\n0\r\n\r\n")
    assert what_comes(answer, 1) == b"!"
    assert what_comes(answer, 0) == b""
    assert answer.isclosed()


@pytest.mark.parametrize("size", range(1, 12))
def test_a_body_is_the_same_wherever_it_was_cut(chunked, size):
    answer, theirs = chunked
    body = b"2\r\nhi\r\nb\r\nhello there\r\n0\r\n\r\n"

    def send():
        for at in range(0, len(body), size):
            theirs.sendall(body[at : at + size])

    sender = threading.Thread(target=send)
    sender.start()
    heard = b""
    while piece := what_comes(answer, 5):
        heard += piece
    sender.join()
    assert heard == b"hihello there"


def test_the_end_of_a_chunk_that_comes_alone_is_not_waited_behind(chunked):
    answer, theirs = chunked
    theirs.sendall(b"2\r\nhi")
    assert what_comes(answer, 1) == b"hi"
    theirs.sendall(b"\r\n")
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        what_comes(answer, 0.1)
    assert time.monotonic() - began < 2
    theirs.sendall(b"1\r\n!\r\n")
    assert what_comes(answer, 1) == b"!"


@pytest.mark.parametrize("pieces", [[b"hello"], [b"hell", b"o"], [b"h", b"e", b"l", b"l", b"o"]])
def test_a_body_of_known_length_comes_whole_and_ends(pieces):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        answer = HTTPResponse(ReadAhead(ours))
        answer.begin()
        for piece in pieces:
            theirs.sendall(piece)
            assert what_comes(answer, 1) == piece
        assert what_comes(answer, 1) == b""


def test_what_came_before_it_broke_off_is_heard(chunked):
    answer, theirs = chunked
    theirs.sendall(b"2\r\nhi\r\n5\r\nab")
    theirs.close()
    assert what_comes(answer, 1) == b"hiab"
    with pytest.raises(IncompleteRead):
        what_comes(answer, 1)


def test_nonsense_behind_what_came_is_left_to_the_next_call(chunked):
    answer, theirs = chunked
    theirs.sendall(b"2\r\nhi\r\nno number\r\n")
    assert what_comes(answer, 1) == b"hi"
    assert what_comes(answer, 1) == b""


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
