"""A layer keeps what comes while it waits, in order, and holds nothing otherwise."""

import asyncio
import socket
import sys
from asyncio import streams
from dataclasses import dataclass

import pytest
from mitmproxy.proxy import commands, context, events, layer
from mitmproxy.test import taddons
from mitmproxy.test.tflow import tclient_conn
from wsproto import ConnectionType, connection
from wsproto.events import CloseConnection

from addons import empty_queues
from addons.empty_queues import Queue


class Asking(layer.Layer):
    """Waits for an answer to the first event; notes all of them."""

    def __init__(self, given):
        super().__init__(given)
        self.heard = []

    def _handle_event(self, event):
        self.heard.append(event)
        if len(self.heard) == 1:
            yield commands.RequestWakeup(1)
            yield Question()


class Question(commands.Command):
    blocking = True


@dataclass(repr=False)
class Answered(events.CommandCompleted):
    command: Question
    reply: None


@pytest.fixture
def asking(monkeypatch):
    for module in (layer, streams):
        monkeypatch.setattr(module, "collections", module.collections)
    monkeypatch.setattr(connection, "deque", connection.deque)
    empty_queues.install()
    with taddons.context() as running:
        return Asking(context.Context(tclient_conn(), running.options))


def test_what_comes_meanwhile_is_told_in_order(asking):
    first, second, third = events.Start(), events.Start(), events.Start()
    question = list(asking.handle_event(first))[-1]
    assert list(asking.handle_event(second)) == list(asking.handle_event(third)) == []
    list(asking.handle_event(Answered(question, None)))
    assert [id(event) for event in asking.heard] == [id(first), id(second), id(third)]


def test_an_empty_one_is_small(asking):
    assert isinstance(asking._paused_event_queue, Queue)
    assert sys.getsizeof(asking._paused_event_queue) < 100


@pytest.mark.usefixtures("asking")
def test_a_websocket_tells_what_it_was_told_of():
    client = connection.Connection(ConnectionType.CLIENT)
    client.receive_data(None)
    assert sys.getsizeof(client._events) < 200
    assert [type(event) for event in client.events()] == [CloseConnection]
    assert list(client.events()) == []


@pytest.mark.usefixtures("asking")
async def test_all_who_wait_to_write_to_a_stream_go_on():
    near, far = socket.socketpair()
    reader, other = await asyncio.open_connection(sock=far)
    _, writer = await asyncio.open_connection(sock=near)
    queue = writer.transport.get_protocol()._drain_waiters
    assert sys.getsizeof(queue) < 100
    writer.write(bytes(10_000_000))
    waiting = [asyncio.create_task(writer.drain()) for _ in range(3)]
    await asyncio.sleep(0)
    assert len(queue) == 3
    await reader.readexactly(10_000_000)
    await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert not queue
    writer.close()
    other.close()
