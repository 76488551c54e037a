"""Connections that one call leaves for the next; at the other end is a fake that counts."""

import socket

import pytest

from api_bridge import internal_listener
from api_bridge.internal_listener import KEPT_SECONDS, MOST_ACCOUNTS, MOST_KEPT, InternalListener
from api_bridge.lifeline import CutError, Lifeline
from tests.api_bridge.test_door import wiring_to


class World:
    """A listener of ours before a server that accepts when told."""

    def __init__(self, server):
        self.server, self.now = server, 0.0
        self.listener = InternalListener(wiring_to(server.getsockname()), lambda: self.now)

    def call(self, account=1, *, is_free=True, lifeline=None):
        """The socket that a call had."""
        with self.listener.connection(lifeline or Lifeline()) as connection:
            connection.accounts.add(account)
            connection.is_free = is_free
            return connection.socket

    def accepted(self):
        other, _ = self.server.accept()
        other.settimeout(2)
        return other


@pytest.fixture
def world():
    with socket.create_server(("127.0.0.1", 0)) as server:
        world = World(server)
        yield world
        world.listener.close()


def test_the_next_call_has_the_connection_of_the_last(world):
    first = world.call()
    assert world.call() is first
    assert first.fileno() > 0


def test_a_call_that_left_something_on_it_keeps_it(world):
    first = world.call(is_free=False)
    assert first.fileno() == -1, "closed"
    assert world.call() is not first


def test_a_call_that_was_broken_off_leaves_nothing(world):
    with pytest.raises(ZeroDivisionError), world.listener.connection(Lifeline()) as connection:
        raise ZeroDivisionError
    assert connection.socket.fileno() == -1


def test_two_calls_at_a_time_have_two(world):
    with world.listener.connection(Lifeline()) as first:
        first.is_free = True
        second = world.call()
        assert second is not first.socket
    assert {world.call(), world.call()} == {first.socket}, "the one left last is taken first"


def test_one_that_has_ended_meanwhile_is_not_used(world):
    first = world.call()
    world.accepted().close()
    assert world.call() is not first
    assert first.fileno() == -1


def test_one_on_which_something_was_said_unasked_is_not_used(world):
    first = world.call()
    with world.accepted() as other:
        other.sendall(b"HTTP/1.1 408 Late\r\n\r\n")
        assert world.call() is not first


def test_one_that_has_waited_too_long_is_not_used(world):
    first = world.call()
    world.now += KEPT_SECONDS
    assert world.call() is not first


def test_the_proxy_holds_few_connections_behind_one(world):
    first = world.call()
    for account in range(2, MOST_ACCOUNTS + 1):
        assert world.call(account) is first
    assert world.call(account=99) is first
    assert first.fileno() == -1


def test_no_more_are_kept_than_that(world, monkeypatch):
    monkeypatch.setattr(internal_listener, "MOST_KEPT", 1)
    assert MOST_KEPT > 1
    with world.listener.connection(Lifeline()) as first:
        first.is_free = True
        second = world.call()
    assert (second.fileno(), first.socket.fileno() > 0) == (-1, True), "the oldest goes"


def test_a_cut_line_ends_its_own_call_only(world):
    line = Lifeline()
    first = world.call(lifeline=line)
    line.cut()
    with pytest.raises(CutError), world.listener.connection(line):
        pass
    assert world.call() is first


def test_cutting_reaches_a_call_on_a_kept_connection(world):
    first, line = world.call(), Lifeline()
    with world.listener.connection(line) as connection:
        assert connection.socket is first
        with world.accepted() as other:
            line.cut()
            assert other.recv(1) == b""


def test_what_is_left_over_belongs_to_nobody(world):
    with world.listener.connection(Lifeline()) as connection, world.accepted() as other:
        other.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        assert connection.reader.recv(4) == b"HTTP"
        connection.is_free = True
    assert connection.socket.fileno() == -1


def test_where_the_way_is_blocked_all_are_given_up(world):
    first = world.call()
    world.listener.forget()
    assert first.fileno() == -1
    assert world.call() is not first


def test_those_left_for_too_long_are_closed_with_the_next(world):
    with world.listener.connection(Lifeline()) as connection:
        old = world.call()
        world.now += KEPT_SECONDS
        connection.is_free = True
    assert old.fileno() == -1
    assert world.call() is connection.socket


def test_after_the_end_nothing_is_kept(world):
    with world.listener.connection(Lifeline()) as connection:
        world.listener.close()
        connection.is_free = True
    assert connection.socket.fileno() == -1
