"""What the API adds to a stream of Grok's: both hops, proxy and sidecar, beside the proxy alone.

Run it by hand: `python -m benchmarks.chat_api`, or as rows of `make bench`; with nginx in front, if
it is installed, and without it with `--alone`. Fifty streams are opened a second, of a mirror in
use; each has fifty tokens a second and lasts until all are open. Then the same in proportion to the
machine.
"""

import asyncio
import contextlib
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks import load, subjects
from benchmarks.load import Delays
from benchmarks.machine import Load, slowness

KEY = "sk-of-the-benchmark"
TRANSPORTS = ("mgw", "http")
OURS = "ours"
ALONE = "--alone" in sys.argv
"""Without a front, as where nginx is not installed."""
_TOKENS = re.compile(rb'"(?:content|token)": ?"((?:\d+\.\d+ )+)"')
_END = (b"data: [DONE]", b'"sender": "ASSISTANT"}}}}')

TOKENS = 250
"""Of each stream: the first has not ended when the last of two hundred begins."""

type Row = dict[str, object]


@dataclass(slots=True)
class Api:
    """The API under measurement, by its processes."""

    processes: dict[str, subjects.Subject]

    @property
    def proxy(self) -> subjects.Subject:
        return self.processes["proxy"]

    def cpu(self) -> float:
        """Of all of them, CPU seconds so far."""
        return sum(process.cpu() for process in self.processes.values())

    def cpu_of_the_way(self) -> float:
        """The same of what a browser's stream passes."""
        return self.cpu() - self.processes["sidecar"].cpu()

    def memory(self) -> float:
        """Of proxy and sidecar, kilobytes; nginx holds some 18 more for each stream."""
        return sum(self.processes[name].memory() for name in ("proxy", "sidecar"))


@dataclass(slots=True)
class Listened:
    """What many streams at once came to."""

    streams: int
    delays: Delays = field(default_factory=Delays)
    begun: int = 0
    all_begun: asyncio.Event = field(default_factory=asyncio.Event)
    memory: float = 0.0
    """Kilobytes, while all were open."""

    def one_more(self) -> None:
        """A stream has begun, or failed to."""
        self.begun += 1
        if self.begun == self.streams:
            self.all_begun.set()


@contextlib.contextmanager
def api(upstream: int, folder: Path, transport: str) -> Iterator[Api]:
    """A mirror of its own, warmed up."""
    settings = {"AUTHORIZATION": KEY, "CHAT_TRANSPORT": transport, "ACCOUNT_CONCURRENCY": "1000"}
    fronted = subjects.has_nginx() and not ALONE
    with subjects.ours_with_api(upstream, folder, fronted=fronted, **settings) as processes:
        found = Api(processes)
        asyncio.run(_listen(found, 50, _request(found.proxy.port, 50, Load()), Load()))
        yield found


def rows(upstream: int, folder: Path, tokens: int, slower: float) -> list[Row]:
    """For each transport: the targets of fifty streams, and two hundred of them; and once more on
    a machine that is slower."""
    found: list[Row] = []
    for transport in TRANSPORTS:
        with api(upstream, folder, transport) as measured:
            found += _rows(measured, transport, tokens)
        if slower > 1:
            with api(upstream, folder, transport) as measured:
                found += _stream_rows(measured, transport, tokens, Load(slower))
    return found


def _rows(measured: Api, transport: str, tokens: int) -> list[Row]:
    single = [_measured(measured, 1, 5, Load()).delays.first[0] for _ in range(20)]
    before = measured.cpu()
    _measured(measured, 50, tokens, Load())
    cpu = measured.cpu() - before
    alone = _proxy_alone(measured, transport, 50, tokens)
    said = f"API over {transport}"
    return [
        {"work": f"{said}, one stream, first token p50 ms", OURS: load.percentile(single, 0.5)},
        {"work": f"{said}, 50 streams, CPU to the proxy's alone", OURS: cpu / alone},
        *_stream_rows(measured, transport, tokens, Load()),
    ]


def _stream_rows(measured: Api, transport: str, tokens: int, given: Load) -> list[Row]:
    """Two hundred twice: what the first ones have taken of memory, those after them use again."""
    fifty = _measured(measured, 50, tokens, given).delays
    before = measured.memory()
    many = _measured(measured, 200, tokens, given)
    left = measured.memory()
    again = _measured(measured, 200, tokens, given)
    late = many.delays.tokens + again.delays.tokens
    told = {
        "50 streams, first token p50 ms": given.shrunk(load.percentile(fifty.first, 0.5)),
        "50 streams, first token p99 ms": given.shrunk(load.percentile(fifty.first, 0.99)),
        "200 streams, p99 delay ms": given.shrunk(load.percentile(late, 0.99)),
        "200 streams, failures": many.delays.failed + again.delays.failed,
        "200 streams, kB each": (many.memory - before) / 200,
        "200 streams, kB each, again": (again.memory - left) / 200,
    }
    return [{"work": f"API over {transport}, {w}{given.name}", OURS: v} for w, v in told.items()]


def _measured(measured: Api, streams: int, tokens: int, given: Load) -> Listened:
    request = _request(measured.proxy.port, tokens, given)
    return asyncio.run(_listen(measured, streams, request, given))


def _proxy_alone(measured: Api, transport: str, streams: int, tokens: int) -> float:
    """CPU seconds for as many tokens to browsers, over the same transport."""
    before = measured.cpu_of_the_way()
    if transport == "mgw":
        asyncio.run(_browse_sockets(measured.proxy, streams, tokens))
    else:
        request = _browser_request(measured.proxy, tokens)
        heard = asyncio.run(_listen(measured, streams, request, Load()))
        if heard.delays.failed:
            raise RuntimeError(f"{heard.delays.failed} streams ended early")
    return measured.cpu_of_the_way() - before


async def _browse_sockets(proxy: subjects.Subject, streams: int, tokens: int) -> None:
    async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as group:
        for wait in Load().waits(streams):
            group.create_task(_browse_one_socket(http, proxy, tokens, wait))


async def _browse_one_socket(
    http: aiohttp.ClientSession, proxy: subjects.Subject, tokens: int, wait: float
) -> None:
    """Raises when the answer does not come to its end."""
    await asyncio.sleep(wait)
    url = f"http://127.0.0.1:{proxy.port}/ws/mgw/?uid=bench"
    lines = [line.split(": ", 1) for line in proxy.head.decode().split("\r\n") if line]
    headers = {**dict(lines), "Origin": f"http://127.0.0.1:{proxy.port}"}
    async with http.ws_connect(url, headers=headers) as socket:
        await socket.send_json(_frame("session.create", session={"model": "fast"}))
        session_id = json.loads(await socket.receive_str())["session_id"]
        await socket.receive_str()  # it is attached
        text = [{"text": {"text": _question(tokens, Load())}}]
        item = {"type": "message", "role": "user", "x_grok": {"input_chunks": text}}
        await socket.send_json(_frame("conversation.item.create", session_id, item=item))
        await socket.send_json(_frame("response.create", session_id))
        while "response.done" not in await socket.receive_str():
            pass


def _frame(kind: str, session_id: str = "", **fields: object) -> dict[str, object]:
    event = {"type": kind, "event_id": "e-1", **fields}
    return {"session_id": session_id, "event": event} if session_id else {"event": event}


async def _listen(measured: Api, streams: int, request: bytes, given: Load) -> Listened:
    listened = Listened(streams)
    async with asyncio.TaskGroup() as group:
        for wait in given.waits(streams):
            group.create_task(_listen_to_one(measured, request, wait, listened))
        group.create_task(_weigh(measured, listened))
    return listened


async def _weigh(measured: Api, listened: Listened) -> None:
    await listened.all_begun.wait()
    listened.memory = await asyncio.to_thread(measured.memory)


async def _listen_to_one(measured: Api, request: bytes, wait: float, listened: Listened) -> None:
    await asyncio.sleep(wait)
    reader, writer = await asyncio.open_connection("127.0.0.1", measured.proxy.port)
    writer.write(request)
    heard = await _hear(reader, listened)
    listened.delays.failed += not heard
    writer.close()


async def _hear(reader: asyncio.StreamReader, listened: Listened) -> bool:
    """Whether it ended well."""
    head = await reader.readuntil(b"\r\n\r\n")
    listened.one_more()
    if not head.startswith(b"HTTP/1.1 200"):
        return False
    first, last = True, b""
    with contextlib.suppress(asyncio.IncompleteReadError, ValueError, ConnectionError):
        while size := int(await reader.readline(), 16):
            piece = await reader.readexactly(size + 2)
            now = time.monotonic()
            sent = b"".join(_TOKENS.findall(piece)).split()  # the times, several in one piece
            late = [(now - float(at)) * 1000 for at in sent]
            if late:
                listened.delays.first.extend(late[:first])
                listened.delays.tokens.extend(late[first:])
                first = False
            last = piece
        return last.rstrip().endswith(_END) and not first
    return False


def _question(tokens: int, given: Load) -> str:
    return f"{tokens} tokens every {given.gap_ms} ms"


def _request(port: int, tokens: int, given: Load) -> bytes:
    messages = [{"role": "user", "content": _question(tokens, given)}]
    body = json.dumps({"model": "grok-fast", "stream": True, "messages": messages}).encode()
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %b\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        % (port, KEY.encode(), len(body), body)
    )


def _browser_request(proxy: subjects.Subject, tokens: int) -> bytes:
    """The same question, asked by Grok's own page."""
    body = json.dumps({"message": _question(tokens, Load()), "modeId": "fast"}).encode()
    return (
        b"POST /rest/app-chat/conversations/new HTTP/1.1\r\nOrigin: http://127.0.0.1:%d\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n%b%b"
        % (proxy.port, len(body), proxy.head, body)
    )


def main() -> int:
    """These rows alone."""
    with tempfile.TemporaryDirectory() as text, subjects.upstream(Path(text)) as port:
        slower = slowness(port, Path(text))
        sys.stdout.write(f"this machine, times slower than the targets': {slower:.2f}\n")
        for row in rows(port, Path(text), TOKENS, slower):
            sys.stdout.write(f"{row['work']}: {float(str(row[OURS])):.3g}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
