"""The sockets of one turn, cut from outside."""

import gc
import socket
import threading
import time

import pytest

from api_bridge.lifeline import CutError, Lifeline, connect


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_cutting_wakes_whoever_reads(listener):
    line = Lifeline()
    threading.Timer(0.1, line.cut).start()
    start = time.monotonic()
    with line.connected(listener.getsockname()) as sock:
        assert sock.recv(1) == b""
    assert time.monotonic() - start < 2
    assert sock.fileno() == -1, "its reader has closed it"


def test_the_other_end_learns_of_it(listener):
    line = Lifeline()
    with line.connected(listener.getsockname()):
        other, _ = listener.accept()
        line.cut()
        other.settimeout(2)
        assert other.recv(1) == b""
        other.close()


def test_a_line_that_is_cut_connects_no_more(listener):
    line = Lifeline()
    line.cut()
    line.cut()
    with pytest.raises(CutError), line.connected(listener.getsockname()):
        pass
    with pytest.raises(CutError):
        line.check()


def test_who_takes_his_leave_in_time_is_not_cut(listener):
    line = Lifeline()
    with line.connected(listener.getsockname()) as sock:
        line.cut_within(5.0)
        assert not line.is_cut
        assert sock.fileno() > 0


def test_who_does_not_is_cut(listener):
    line = Lifeline()
    start = time.monotonic()
    with line.connected(listener.getsockname()) as sock:
        line.cut_within(0.1)
        assert sock.recv(1) == b""
    assert 0.05 < time.monotonic() - start < 2


def test_without_anybody_on_it_a_line_is_cut_at_once():
    line = Lifeline()
    line.cut_within(60.0)
    assert line.is_cut


def test_a_number_is_not_looked_up(monkeypatch, listener):
    monkeypatch.delattr(socket, "getaddrinfo")
    with connect(listener.getsockname()) as sock:
        assert sock.getpeername() == listener.getsockname()


def test_nothing_stays_open_where_nobody_listens(listener, recwarn):
    address = listener.getsockname()
    listener.close()
    with pytest.raises(ConnectionRefusedError):
        connect(address)
    gc.collect()
    assert not [warning for warning in recwarn if warning.category is ResourceWarning]
