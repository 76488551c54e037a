"""What happened: the log of requests and the book of answer streams, open and ended.

Pure bookkeeping for the control API; bounded, so that a long demo does not grow.
"""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

LOG_LIMIT = 2_000


@dataclass(slots=True)
class Entry:
    """One request as it arrived; headers keep their order, case and duplicates."""

    number: int
    time: float
    method: str
    host: str
    sni: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    peer: tuple[str, int]
    account: str = ""
    statsig: str = "absent"
    """absent, wrong or right: the page's toy signature of method and path."""
    status: int = 0
    body_bytes: int = 0


class RequestLog:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=LOG_LIMIT)
        self._numbers = itertools.count(1)

    def open(self, **values: Any) -> Entry:  # noqa: ANN401 - Entry checks the names
        entry = Entry(number=next(self._numbers), time=time.time(), **values)
        self._entries.append(entry)
        return entry

    def clear(self) -> None:
        self._entries.clear()

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self._entries]


@dataclass(slots=True)
class Stream:
    """One answer being sent; `ended` is open, done, cut, cancelled or client gone."""

    number: int
    kind: str
    path: str
    account: str
    started: float
    sent: int = 0
    ended: str = "open"


class StreamBook:
    """Streams that are open now and how the last ones ended."""

    def __init__(self) -> None:
        self._open: dict[int, Stream] = {}
        self._ended: deque[Stream] = deque(maxlen=200)
        self._numbers = itertools.count(1)
        self._changed = asyncio.Condition()
        self._notices: set[asyncio.Task[None]] = set()

    @contextmanager
    def stream(self, kind: str, path: str, account: str) -> Iterator[Stream]:
        """Count a stream as open inside the block; a cancelled block means the client left."""
        stream = Stream(next(self._numbers), kind, path, account, time.time())
        self._open[stream.number] = stream
        try:
            yield stream
        except (asyncio.CancelledError, ConnectionError):
            stream.ended = "client gone" if stream.ended == "open" else stream.ended
            raise
        finally:
            stream.ended = "done" if stream.ended == "open" else stream.ended
            self._ended.append(self._open.pop(stream.number))
            notice = asyncio.ensure_future(self._notify())
            self._notices.add(notice)
            notice.add_done_callback(self._notices.discard)

    async def wait_until_quiet(self, kind: str, seconds: float) -> bool:
        """True once no stream of this kind ("" = any) is open."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: not self._of_kind(kind))
        except TimeoutError:
            return False
        return True

    def clear(self) -> None:
        self._ended.clear()

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "open": [asdict(stream) for stream in self._open.values()],
            "ended": [asdict(stream) for stream in self._ended],
        }

    def _of_kind(self, kind: str) -> list[Stream]:
        return [s for s in self._open.values() if not kind or s.kind == kind]

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()
