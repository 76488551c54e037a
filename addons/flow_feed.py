"""Brings the copies of finished flows to the process that shows them; never in a flow's way.

That process may be slow, or not there: then the oldest copies are lost.
"""

import asyncio
import logging
from collections import deque
from contextlib import suppress

from core.flow_frames import framed, greeting

log = logging.getLogger(__name__)

MOST_WAITING = 32 * 2**20
"""Bytes."""
RETRY_SECONDS = 1.0


class FlowFeed:
    """From `running` to `done`."""

    def __init__(self, address: tuple[str, int], secret: str) -> None:
        self._address, self._secret = address, secret
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
            with suppress(OSError):
                await self._send_over(*await asyncio.open_connection(*self._address))
            await asyncio.sleep(RETRY_SECONDS)

    async def _send_over(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(greeting(self._secret))
            while True:
                while self._waiting:
                    flow = self._waiting.popleft()
                    self._size -= len(flow)
                    writer.write(framed(flow))
                    await writer.drain()
                self._changed.clear()
                await self._changed.wait()
        finally:
            writer.close()
