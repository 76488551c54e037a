"""Reads a connection from its beginning to its end, in place of mitmproxy's own loop.

That one holds what it read last until something else comes: a long prompt for as long as its answer
takes, and on an idle connection for good. And it would forget a connection whose reader is told to
stop while it waits for its turn at the layers, where mitmproxy does not expect it: its socket, its
flow, the lease and the upstream's side would stay open for half an hour.
"""

import asyncio
from contextlib import suppress
from functools import wraps

from mitmproxy.connection import Connection, ConnectionState
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.server import ConnectionHandler

_PIECE = 65_535


def install() -> None:
    """Once per process, before the first connection."""
    ConnectionHandler.handle_connection = handle_connection  # type: ignore[method-assign]
    opening = ConnectionHandler.open_connection
    if hasattr(opening, "__wrapped__"):
        return

    @wraps(opening)
    async def open_connection(self: ConnectionHandler, command: commands.OpenConnection) -> None:
        try:
            await opening(self, command)
        except asyncio.CancelledError:  # before its reader has begun
            _close(self, command.connection)
            raise

    ConnectionHandler.open_connection = open_connection  # type: ignore[method-assign]


async def handle_connection(self: ConnectionHandler, connection: Connection) -> None:
    """All that comes, and then the end. Half closed, it stays open for what is still to be sent,
    until it is told to stop."""
    reader = self.transports[connection].reader
    assert isinstance(reader, asyncio.StreamReader)
    is_told = False
    try:
        with suppress(OSError):  # of the reader: a connection that breaks has ended as well
            while data := await reader.read(_PIECE):
                await self.server_event(events.DataReceived(connection, data))
                del data
                await self.drain_writers()
        connection.state &= ~ConnectionState.CAN_READ
        await self.server_event(events.ConnectionClosed(connection))
        is_told = True
        if connection.state is ConnectionState.CAN_WRITE:
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        if not is_told:
            connection.state = ConnectionState.CLOSED
            await self.server_event(events.ConnectionClosed(connection))
        raise
    finally:
        _close(self, connection)


def _close(handler: ConnectionHandler, connection: Connection) -> None:
    transport = handler.transports.pop(connection, None)
    if transport and transport.writer:
        with suppress(OSError):
            transport.writer.close()
