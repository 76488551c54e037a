"""The client: keep-alive connections that fetch one path over and over, or read token streams."""

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.subjects import Subject


@dataclass(slots=True)
class Delays:
    """Milliseconds between a token's sending and its arrival; `failed` streams ended early."""

    first: list[float] = field(default_factory=list)
    tokens: list[float] = field(default_factory=list)
    failed: int = 0

    def percentile(self, share: float) -> float:
        return percentile(self.tokens, share)


def percentile(values: list[float], share: float) -> float:
    """Below which this share of the values lies."""
    ordered = sorted(values) or [float("nan")]
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def cpu_ms(subject: Subject, head: bytes, times: int, connections: int) -> float:
    """CPU milliseconds of the subject for each of so many requests."""
    before = subject.cpu()
    asyncio.run(fetch(subject.port, head, times, connections))
    return (subject.cpu() - before) * 1000 / times


async def fetch(port: int, head: bytes, times: int, connections: int) -> None:
    """`times` requests in all, over so many connections."""
    share = times // connections
    await asyncio.gather(*(_fetch_some(port, head, share) for _ in range(connections)))


async def _fetch_some(port: int, head: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    for _ in range(times):
        writer.write(head)
        await _read_answer(reader)
    writer.close()


async def _read_answer(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(head.partition(b"\r\n")[0].decode())
    if b"content-length:" in head:
        await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        return
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
    await reader.readline()


async def listen(port: int, head: bytes, waits: Iterable[float]) -> Delays:
    """A stream for each of the waits (seconds until it is opened); how late each token was."""
    delays = Delays()
    await asyncio.gather(*(_listen_to_one(port, head, delays, wait) for wait in waits))
    return delays


async def _listen_to_one(port: int, head: bytes, delays: Delays, wait: float) -> None:
    await asyncio.sleep(wait)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    await reader.readuntil(b"\r\n\r\n")
    first = True
    try:
        while size := int(await reader.readline(), 16):
            lines = (await reader.readexactly(size + 2)).split(b"\n")
            now = time.monotonic()
            late = [(now - json.loads(x)["result"]["at"]) * 1000 for x in lines if x[:1] == b"{"]
            (delays.first if first else delays.tokens).extend(late)
            first = False
    except (asyncio.IncompleteReadError, ValueError, ConnectionError):
        delays.failed += 1
    writer.close()
