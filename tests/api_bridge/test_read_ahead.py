"""Pieces of any size, in order, with as few calls as there were pieces on the wire."""

import socket

from api_bridge.read_ahead import ReadAhead


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


def test_all_else_is_the_sockets_own():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ahead = ReadAhead(ours)
        ahead.settimeout(3)
        assert (ours.gettimeout(), ahead.fileno()) == (3, ours.fileno())
        assert ahead.send(b"x") == 1
        assert theirs.recv(1) == b"x"
