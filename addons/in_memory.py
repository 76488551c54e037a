"""Two ends of a connection inside one process: what is written to one is read from the other.

As a socket pair would, they stop each other's writers while nobody reads; but no byte goes through
the system, and none waits for a turn of the event loop.
"""

import asyncio

type Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def connected[Far: asyncio.StreamReader](
    near: asyncio.StreamReader, far: Far, name: str
) -> tuple[Ends, tuple[Far, asyncio.StreamWriter]]:
    """What both readers and their writers are from now on. To those who ask a writer for its
    `peername` the other end is called `name`."""
    one, other = _End(near, name), _End(far, name)
    one.connect(other)
    return (near, one.writer), (far, other.writer)


class _End(asyncio.Transport):
    """Asyncio's transport of one end. Lost when either is: a pair has no network between."""

    def __init__(self, reader: asyncio.StreamReader, name: str) -> None:
        super().__init__({"peername": (name, 0), "sockname": (name, 0)})
        self._loop = asyncio.get_running_loop()
        self._protocol = asyncio.StreamReaderProtocol(reader, loop=self._loop)
        self._reader = reader
        self.writer = asyncio.StreamWriter(self, self._protocol, reader, self._loop)
        self._other = self
        self._is_held = self._has_ended = self._is_closed = False

    def connect(self, other: "_End") -> None:
        self._other, other._other = other, self
        for end in (self, other):
            end._protocol.connection_made(end)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data and not self._has_ended and not self._other._is_closed:
            self._other._reader.feed_data(bytes(data))

    def write_eof(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._other._reader.feed_eof()

    def can_write_eof(self) -> bool:
        return True

    def get_write_buffer_size(self) -> int:
        """Nothing waits here; while the reader has too much, more than anybody's mark does."""
        return 1 << 30 if self._is_held else 0

    def pause_reading(self) -> None:
        if not self._other._is_held:
            self._other._is_held = True
            self._other._protocol.pause_writing()

    def resume_reading(self) -> None:
        if self._other._is_held:
            self._other._is_held = False
            self._other._protocol.resume_writing()

    def is_closing(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        """What was written before can still be read."""
        if not self._is_closed:
            self._is_closed = True
            self.write_eof()
            self.resume_reading()
            self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()
        self._other.close()
