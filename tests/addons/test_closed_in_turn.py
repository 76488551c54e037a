"""A connection that is told to stop while it waits for its turn is closed all the same."""

import asyncio
from types import SimpleNamespace

import pytest
from mitmproxy.connection import ConnectionState, Server
from mitmproxy.proxy import events
from mitmproxy.proxy.server import ConnectionHandler

from addons import closed_in_turn


class Waiting:
    """A handler whose layers are busy whenever data comes."""

    drain_writers = ConnectionHandler.drain_writers

    def __init__(self, connection, reader):
        self.heard, self.closed = [], []
        self.busy = asyncio.Event()
        writer = SimpleNamespace(close=lambda: self.closed.append(True))
        self.transports = {connection: SimpleNamespace(reader=reader, writer=writer)}

    async def server_event(self, event):
        if isinstance(event, events.DataReceived):
            self.busy.set()
            await asyncio.Event().wait()
        self.heard.append(type(event))


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    for name in ("handle_connection", "open_connection"):
        monkeypatch.setattr(ConnectionHandler, name, getattr(ConnectionHandler, name))
    closed_in_turn.install()


async def test_it_is_closed_and_the_layers_are_told():
    connection, reader = Server(address=("grok.com", 443)), asyncio.StreamReader()
    connection.state = ConnectionState.OPEN
    handler = Waiting(connection, reader)
    task = asyncio.create_task(ConnectionHandler.handle_connection(handler, connection))
    reader.feed_data(b"more")
    await asyncio.wait_for(handler.busy.wait(), 5)
    task.cancel("closed by command")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert handler.closed == [True]
    assert handler.heard == [events.ConnectionClosed]
    assert handler.transports == {}
    assert connection.state is ConnectionState.CLOSED


async def test_one_just_opened_is_closed_before_its_reader_has_begun(monkeypatch):
    """mitmproxy has the socket, and waits to tell the layers."""
    opened = asyncio.Event()

    async def waits_for_its_turn(*_):
        opened.set()
        await asyncio.Event().wait()

    monkeypatch.undo()
    monkeypatch.setattr(ConnectionHandler, "handle_connection", waits_for_its_turn)
    monkeypatch.setattr(ConnectionHandler, "open_connection", waits_for_its_turn)
    closed_in_turn.install()
    connection = Server(address=("grok.com", 443))
    handler = Waiting(connection, None)
    command = SimpleNamespace(connection=connection)
    task = asyncio.create_task(ConnectionHandler.open_connection(handler, command))
    await asyncio.wait_for(opened.wait(), 5)
    task.cancel("client disconnected")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert handler.closed == [True]
    assert handler.transports == {}


def test_it_is_put_in_place_once():
    before = ConnectionHandler.handle_connection, ConnectionHandler.open_connection
    closed_in_turn.install()
    assert (ConnectionHandler.handle_connection, ConnectionHandler.open_connection) == before
