"""The upstream of the benchmarks: fixed bodies and paced token streams over TLS, in a process of
its own, as cheap as asyncio can be."""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

from benchmarks import chat_upstream
from benchmarks.bodies import BODIES
from standin import tls


async def serve(state_dir: Path) -> None:
    """Announce the port on standard output, then serve until killed."""
    context = tls.server_contexts(tls.load_or_create(state_dir), state_dir)["good"]
    server = await asyncio.start_server(_answer_all, "127.0.0.1", 0, ssl=context, backlog=1024)
    sys.stdout.write(json.dumps({"port": server.sockets[0].getsockname()[1]}) + "\n")
    sys.stdout.flush()
    await server.serve_forever()


async def _answer_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ", 2)[1].decode()
            if path.startswith(chat_upstream.PATHS):
                await chat_upstream.answer(head, reader, writer)
            else:
                await _answer(path, writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _answer(path: str, writer: asyncio.StreamWriter) -> None:
    name, _, query = path.rpartition("/")[2].partition("?")
    if name.startswith("stream"):
        await _stream(*map(int, query.split(",")), writer=writer)
        return
    content_type, body = BODIES[name]
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
        % (content_type.encode(), len(body))
    )
    writer.write(body)
    await writer.drain()


async def _stream(tokens: int, gap_ms: int, *, writer: asyncio.StreamWriter) -> None:
    """Lines that carry the moment they were sent; asked for as `/stream?250,20`."""
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for _ in range(tokens):
        line = json.dumps({"result": {"token": "hello ", "at": time.monotonic()}}).encode() + b"\n"
        writer.write(b"%x\r\n%s\r\n" % (len(line), line))
        await writer.drain()
        await asyncio.sleep(gap_ms / 1000)
    writer.write(b"0\r\n\r\n")
    await writer.drain()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--state-dir", type=Path, required=True)
    asyncio.run(serve(parser.parse_args().state_dir))
