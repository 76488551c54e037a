"""Texts of a WebSocket, whoever cut them; the other end is wsproto's server."""

import socket
from contextlib import closing, suppress

import pytest
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

from api_bridge.text_socket import ClosedError, TextSocket
from core.socket_frames import SHORT


class World:
    def __init__(self):
        near, self.far = socket.socketpair()
        self.near = near
        self.far.settimeout(5)
        self.socket = TextSocket(near)
        self.server = Connection(ConnectionType.SERVER)

    def say(self, *events):
        self.far.sendall(b"".join(self.server.send(event) for event in events))

    def heard(self):
        """What the server reads next."""
        self.server.receive_data(self.far.recv(2**20))
        return list(self.server.events())

    def close(self):
        self.near.close()
        self.far.close()


@pytest.fixture
def world():
    with closing(World()) as found:
        yield found


def everything(world):
    found = []
    with suppress(ClosedError):
        while True:
            found += world.socket.receive(5)
    return found


def test_what_comes_together_is_received_together(world):
    world.say(TextMessage("ein"), TextMessage("zwölf"), TextMessage(""))
    assert world.socket.receive(5) == ["ein", "zwölf", ""]


def test_a_cut_anywhere_changes_nothing(world):
    events = [TextMessage("one"), Ping(b"p"), TextMessage("b", message_finished=False)]
    events += [TextMessage("c"), BytesMessage(b"no text"), TextMessage("zwölf" * 30)]
    found = []
    for byte in b"".join(map(world.server.send, events)):
        world.far.sendall(bytes([byte]))
        found += world.socket.receive(5)
    assert "".join(found) == "one" + "bc" + "zwölf" * 30
    assert world.heard() == [Pong(b"p")]


def test_a_long_message_comes_in_pieces(world):
    text = "ä" * SHORT
    world.say(TextMessage(text))
    found = ""
    while len(found) < len(text):
        found += "".join(world.socket.receive(5))
    assert found == text


def test_texts_are_sent_masked_and_whole(world):
    world.socket.send("zwölf \udcff")
    assert world.heard() == [TextMessage("zwölf ?")]


def test_nothing_in_time_is_no_end(world):
    assert world.socket.receive(0) == []
    world.say(TextMessage("late"))
    assert world.socket.receive(5) == ["late"]


def test_a_ping_is_answered_and_says_nothing(world):
    world.say(Ping(b"12"))
    assert world.socket.receive(5) == []
    assert world.heard() == [Pong(b"12")]


def test_what_came_before_the_end_is_received(world):
    world.say(TextMessage("bye"), CloseConnection(1000, "over"))
    assert everything(world) == ["bye"]
    assert world.heard() == [CloseConnection(1000, "over")]


def test_nothing_is_received_behind_the_end(world):
    end = world.server.send(CloseConnection(1000))
    world.far.sendall(end + b"\x81\x02hi")
    assert everything(world) == []


@pytest.mark.parametrize("nonsense", [b"\x81\x02\xff\xfe", b"\xf1\x00", b"\x80\x01a"])
def test_what_breaks_the_protocol_is_the_end(world, nonsense):
    world.far.sendall(nonsense)
    assert everything(world) == []
    assert isinstance(world.heard()[0], CloseConnection)


def test_a_socket_that_takes_nothing_still_gives_what_it_has(world):
    world.say(TextMessage("last"))
    world.far.close()
    world.socket.send("anybody there?")
    assert everything(world) in (["last"], [])  # the system may drop it with the connection


def test_a_connection_that_breaks_is_the_end(world):
    world.near.close()
    assert everything(world) == []
