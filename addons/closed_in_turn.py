"""Closes connections that mitmproxy would forget.

A connection's reader may be told to stop while it waits for its turn at the layers: mitmproxy
expects that only where it reads or drains. It would then never close the socket nor tell the
layers, and the flow, its lease and the upstream's side would stay open for half an hour.
"""

import asyncio
from functools import wraps

from mitmproxy.connection import Connection, ConnectionState
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.server import ConnectionHandler


def install() -> None:
    """Once per process, before the first connection."""
    original = ConnectionHandler.handle_connection
    if hasattr(original, "__wrapped__"):
        return
    opening = ConnectionHandler.open_connection

    @wraps(original)
    async def handle_connection(self: ConnectionHandler, connection: Connection) -> None:
        try:
            await original(self, connection)
        except asyncio.CancelledError:
            if connection in self.transports:  # else it has come to its own end
                await _end(self, connection)
            raise

    @wraps(opening)
    async def open_connection(self: ConnectionHandler, command: commands.OpenConnection) -> None:
        try:
            await opening(self, command)
        except asyncio.CancelledError:  # before its reader has begun
            _close(self, command.connection)
            raise

    ConnectionHandler.handle_connection = handle_connection  # type: ignore[method-assign]
    ConnectionHandler.open_connection = open_connection  # type: ignore[method-assign]


async def _end(handler: ConnectionHandler, connection: Connection) -> None:
    connection.state = ConnectionState.CLOSED
    try:
        await handler.server_event(events.ConnectionClosed(connection))
    finally:
        _close(handler, connection)


def _close(handler: ConnectionHandler, connection: Connection) -> None:
    transport = handler.transports.pop(connection, None)
    if transport and transport.writer:
        transport.writer.close()
