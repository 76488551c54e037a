"""A stream that is read for a while, for a handshake, and from then on pours into another one.

A loop of read, write and drain takes two turns of the event loop and a task switch for each piece.
A pipe hands a piece on in the call it arrived by, in a third of the time.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress

from core.pace import Pace

_MOST_WAITING = 64 * 1024  # asyncio's own mark, above which `drain` waits
_SMALL = 8 * 1024  # a larger piece is no token: it is never held up


class PipeReader(asyncio.StreamReader):
    """An ordinary reader until `pour_into`."""

    def __init__(self, limit: int = 64 * 1024) -> None:
        super().__init__(limit, asyncio.get_running_loop())
        self._source: asyncio.ReadTransport | None = None
        self._into: asyncio.StreamWriter | None = None
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting: asyncio.Task[None] | None = None
        self.heard: Callable[[], None] = _nothing
        """Called for each piece that is handed on."""
        self._resting: asyncio.TimerHandle | None = None
        self.pace = Pace()
        """Small pieces that come faster are left with the system until they are a few."""

    async def pour_into(self, writer: asyncio.StreamWriter) -> asyncio.Future[None]:
        """Everything from here on; nothing else may read any more. Returns at once, with what is
        done at the end."""
        assert self._source
        with suppress(OSError):
            super().feed_eof()  # so that what is here already can be read without waiting
            writer.write(await self.read())
            self._into = writer
            self._source.resume_reading()
            if self._end.done():
                self._pass_end_on()
        return self._end

    def set_transport(self, transport: asyncio.BaseTransport) -> None:
        super().set_transport(transport)
        assert isinstance(transport, asyncio.ReadTransport)
        self._source = transport

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        if self._into is None:
            super().feed_data(data)
            return
        self._into.write(data)
        self.heard()
        if self._into.transport.get_write_buffer_size() > _MOST_WAITING:
            self._hold_back(self._into)
        elif len(data) < _SMALL:
            self._rest()

    def feed_eof(self) -> None:
        super().feed_eof()
        self._pass_end_on()

    def set_exception(self, exc: BaseException) -> None:
        super().set_exception(exc)  # type: ignore[arg-type]
        self._pass_end_on()

    def _pass_end_on(self) -> None:
        if not self._end.done():
            self._end.set_result(None)
        if self._into and self._into.can_write_eof():
            with suppress(OSError):
                self._into.write_eof()

    def _rest(self) -> None:
        loop, source = asyncio.get_running_loop(), self._source
        assert source
        if (seconds := self.pace.spend(loop.time())) > 0:
            source.pause_reading()
            self._resting = loop.call_later(seconds, source.resume_reading)

    def begin_anew(self) -> None:
        """What comes now answers something else: it waits for nothing."""
        self.pace.begin_anew()
        if self._resting and not self._resting.cancelled() and self._source:
            self._resting.cancel()
            if self._waiting is None or self._waiting.done():
                self._source.resume_reading()

    def _hold_back(self, writer: asyncio.StreamWriter) -> None:
        """Until the writer has caught up the sender must wait."""
        assert self._source
        self._source.pause_reading()
        if self._waiting is None or self._waiting.done():
            self._waiting = asyncio.create_task(self._go_on_after(writer, self._source))

    async def _go_on_after(
        self, writer: asyncio.StreamWriter, source: asyncio.ReadTransport
    ) -> None:
        with suppress(OSError):  # a writer that is gone ends the tunnel by its own reader
            await writer.drain()
            source.resume_reading()


def _nothing() -> None:
    pass


async def connect(
    sock: socket.socket, tls: ssl.SSLContext | None, name: str | None
) -> tuple[PipeReader, asyncio.StreamWriter]:
    """As `asyncio.open_connection` with a connected socket."""
    loop = asyncio.get_running_loop()
    reader = PipeReader()
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.create_connection(
        lambda: protocol, sock=sock, ssl=tls, server_hostname=name
    )
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)
