"""Brings the copies of finished flows to the process that shows them; never in a flow's way.

That process may be slow, or not there: then the oldest copies are lost.
"""

import asyncio
from collections import deque
from contextlib import suppress
from pathlib import Path

from core.flow_frames import framed

MOST_WAITING = 32 * 2**20
"""Bytes."""
RETRY_SECONDS = 1.0


class FlowFeed:
    """From `running` to `done`."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    def running(self) -> None:
        self._sending = asyncio.create_task(self._send_all())

    async def done(self) -> None:
        if self._sending:
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending

    def show(self, flow: bytes) -> None:
        """In mitmproxy's format."""
        self._waiting.append(flow)
        self._size += len(flow)
        while self._size > MOST_WAITING:
            self._size -= len(self._waiting.popleft())
        self._changed.set()

    async def _send_all(self) -> None:
        while True:
            with suppress(OSError):  # it is not there yet, or not any more
                await self._send_over(*await asyncio.open_unix_connection(self._socket))
            await asyncio.sleep(RETRY_SECONDS)

    async def _send_over(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until the other side, which says nothing else, ends the connection."""
        ended = asyncio.create_task(reader.read(1))
        ended.add_done_callback(lambda _: self._changed.set())
        try:
            while not ended.done():
                self._changed.clear()
                while self._waiting and not ended.done():
                    writer.write(framed(self._waiting[0]))
                    await writer.drain()
                    self._size -= len(self._waiting.popleft())
                await self._changed.wait()
        finally:
            ended.cancel()
            writer.close()
