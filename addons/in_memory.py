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
    return (near, one.connect(other)), (far, other.connect(one))


class _End(asyncio.Transport):
    """Asyncio's transport of one end."""

    def __init__(self, reader: asyncio.StreamReader, name: str) -> None:
        super().__init__({"peername": (name, 0), "sockname": (name, 0)})
        self._loop = asyncio.get_running_loop()
        self._protocol = asyncio.StreamReaderProtocol(reader, loop=self._loop)
        self._reader: asyncio.StreamReader | None = reader
        """None once it is closed, so that what nobody has read is freed at once."""
        self._other = self
        self._is_held = self._has_ended = False

    def connect(self, other: "_End") -> asyncio.StreamWriter:
        assert self._reader
        self._other = other
        self._protocol.connection_made(self)
        return asyncio.StreamWriter(self, self._protocol, self._reader, self._loop)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not data or self._has_ended:
            return
        if self._other._reader:
            self._other._reader.feed_data(bytes(data))
        else:
            self._lose(ConnectionResetError("nobody reads any more"))

    def write_eof(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            if self._other._reader:
                self._other._reader.feed_eof()

    def can_write_eof(self) -> bool:
        return True

    def get_write_buffer_size(self) -> int:
        """Nothing waits here; while the reader takes no more, what it has is above every mark."""
        return 1 << 30 if self._is_held or not self._other._reader else 0

    def pause_reading(self) -> None:
        if not self._other._is_held:
            self._other._is_held = True
            self._other._protocol.pause_writing()

    def resume_reading(self) -> None:
        if self._other._is_held:
            self._other._is_held = False
            self._other._protocol.resume_writing()

    def is_closing(self) -> bool:
        return self._reader is None

    def close(self) -> None:
        """What was written before can still be read; what the other end writes now breaks it."""
        if self._reader:
            self.write_eof()
            self.resume_reading()
            self._lose(None)

    def abort(self) -> None:
        self.close()
        self._other.close()

    def _lose(self, error: Exception | None) -> None:
        if self._reader:
            self._reader = None
            self._loop.call_soon(self._protocol.connection_lost, error)
