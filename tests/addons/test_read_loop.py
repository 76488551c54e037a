"""A connection is read to its end and then closed, also when it is told to stop in between, and
nothing of what came is held."""

import asyncio
import sys
from types import SimpleNamespace

import pytest
from mitmproxy.connection import ConnectionState, Server
from mitmproxy.proxy import events
from mitmproxy.proxy.server import ConnectionHandler

from addons import read_loop


class Handler:
    """Notes what its layers hear, and that the connection was closed."""

    drain_writers = ConnectionHandler.drain_writers

    def __init__(self, connection, reader):
        self.heard, self.closed = [], []
        self._drain_lock = asyncio.Lock()
        writer = SimpleNamespace(close=lambda: self.closed.append(True))
        writer.drain = lambda: asyncio.sleep(0)
        self.transports = {connection: SimpleNamespace(reader=reader, writer=writer)}

    async def server_event(self, event):
        self.heard.append(type(event))


class Waiting(Handler):
    """Its layers are busy whenever data comes."""

    def __init__(self, connection, reader):
        super().__init__(connection, reader)
        self.busy = asyncio.Event()

    async def server_event(self, event):
        if isinstance(event, events.DataReceived):
            self.busy.set()
            await asyncio.Event().wait()
        await super().server_event(event)


class Pieces(asyncio.StreamReader):
    """Gives these as they are, then waits."""

    def __init__(self, pieces):
        super().__init__()
        self.pieces, self.all_taken = pieces, asyncio.Event()

    async def read(self, size=-1):
        if self.pieces:
            return self.pieces.pop()
        self.all_taken.set()
        return await super().read(size)


@pytest.fixture(autouse=True)
def _installed(monkeypatch):
    for name in ("handle_connection", "open_connection"):
        monkeypatch.setattr(ConnectionHandler, name, getattr(ConnectionHandler, name))
    read_loop.install()


@pytest.fixture
def connection():
    opened = Server(address=("grok.com", 443))
    opened.state = ConnectionState.OPEN
    return opened


async def test_what_was_handed_on_is_not_held_while_it_waits(connection):
    data = bytes(range(200))
    before = sys.getrefcount(data)
    reader = Pieces([data])
    handler = Handler(connection, reader)
    task = asyncio.create_task(ConnectionHandler.handle_connection(handler, connection))
    await asyncio.wait_for(reader.all_taken.wait(), 5)
    assert sys.getrefcount(data) == before
    reader.set_exception(ConnectionResetError())
    connection.state = ConnectionState.CAN_READ
    await asyncio.wait_for(task, 5)
    assert handler.heard == [events.DataReceived, events.ConnectionClosed]
    assert (handler.closed, handler.transports) == ([True], {})


async def test_half_closed_it_waits_to_be_told_to_stop(connection):
    reader = Pieces([])
    handler = Handler(connection, reader)
    task = asyncio.create_task(ConnectionHandler.handle_connection(handler, connection))
    await asyncio.wait_for(reader.all_taken.wait(), 5)
    reader.feed_eof()
    done, _ = await asyncio.wait((task,), timeout=0.05)
    assert not done
    assert (handler.heard, handler.closed) == ([events.ConnectionClosed], [])
    task.cancel("closed by command")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (handler.heard, handler.closed) == ([events.ConnectionClosed], [True])


async def test_told_to_stop_while_it_reads_it_is_closed(connection):
    reader = Pieces([])
    handler = Handler(connection, reader)
    task = asyncio.create_task(ConnectionHandler.handle_connection(handler, connection))
    await asyncio.wait_for(reader.all_taken.wait(), 5)
    task.cancel("client disconnected")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (handler.heard, handler.closed) == ([events.ConnectionClosed], [True])
    assert connection.state is ConnectionState.CLOSED


async def test_told_to_stop_while_it_waits_for_its_turn_it_is_closed(connection):
    reader = asyncio.StreamReader()
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
    read_loop.install()
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
    read_loop.install()
    assert (ConnectionHandler.handle_connection, ConnectionHandler.open_connection) == before
