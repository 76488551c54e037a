"""A real nginx with our configuration before a toy proxy."""

import asyncio
import contextlib
import json
import shutil
import tempfile
from pathlib import Path

import pytest

from supervisor.front import find_nginx, front_environment, worker_user, write_front
from supervisor.front_plan import FrontPlan
from supervisor.listeners import free_ports
from supervisor.readiness import Probe, until_ready

NGINX = find_nginx()
NEEDS_NGINX = [
    pytest.mark.loop,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
]
SECRET = "ab" * 32
STATIC = "/-/cdn.grok.com/_next/static/"


class ToyProxy:
    """Answers by path and remembers the heads it was sent."""

    def __init__(self):
        self.heads, self.connections = [], []
        self.release = asyncio.Event()
        self.server = None

    async def serve(self, reader, writer):
        self.connections.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                await self.answer(head, reader, writer)
                await writer.drain()
        writer.close()

    async def answer(self, head, reader, writer):
        path = head.split()[1]
        if path == "/ws":
            writer.write(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade")
            writer.write(b"\r\n\r\n")
            await writer.drain()
            writer.write((await reader.readexactly(4)).upper())
        elif path == "/stream":
            writer.write(
                b"HTTP/1.1 200 OK\r\nX-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"1\r\na\r\n"
            )
            await writer.drain()
            await self.release.wait()
            writer.write(b"1\r\nb\r\n0\r\n\r\n")
        elif path == "/upload":
            first = await reader.readexactly(1)
            self.release.set()
            await reader.readexactly(3)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + first)
        else:
            extra = b"Set-Cookie: a=b\r\n" if "set-cookie" in path else b""
            body = json.dumps({"n": len(self.heads)}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nCache-Control: public, max-age=3600\r\n" + extra)
            writer.write(b"Vary: Cookie\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


class Front:
    def __init__(self, address, toy, plan):
        self.address, self.toy, self.plan = address, toy, plan
        self.writers = []

    async def exchange(self, request: bytes) -> str:
        reader, writer = await self.connect()
        writer.write(request)
        answer = bytearray()
        async with asyncio.timeout(10):
            # After a refused upload nginx waits for the rest of it, so the end is not awaited.
            while not _is_whole(answer) and (piece := await reader.read(65536)):
                answer += piece
        return answer.decode()

    async def get(self, path, headers="", method="GET"):
        request = f"{method} {path} HTTP/1.1\r\nHost: mirror.test\r\n{headers}"
        return await self.exchange(f"{request}Connection: close\r\n\r\n".encode())

    async def connect(self, address=None):
        reader, writer = await asyncio.open_connection(*(address or self.address))
        self.writers.append(writer)
        return reader, writer

    async def close(self):
        for writer in self.writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def last_head(self):
        return self.toy.heads[-1].lower()


def _is_whole(answer):
    head, _, body = bytes(answer).lower().partition(b"\r\n\r\n")
    length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return bool(length) and len(body) >= int(length)


@contextlib.asynccontextmanager
async def serving(toy):
    server = toy.server = await asyncio.start_server(toy.serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()
    server.close()
    server.close_clients()
    await server.wait_closed()


@contextlib.asynccontextmanager
async def running(toy, **changes):
    # Not tmp_path: like in production, its parents let the unprivileged workers through.
    runtime_dir = Path(tempfile.mkdtemp(prefix="front-test-"))
    async with serving(toy) as proxy:
        plan = make_plan(runtime_dir, proxy, changes)
        write_front(NGINX, plan)
        argv = NGINX.argv(runtime_dir)
        process = await asyncio.create_subprocess_exec(*argv, env=front_environment())
        try:
            async with asyncio.timeout(10):
                await until_ready(Probe(plan.listen, plan.certificate))
            front = Front(plan.listen, toy, plan)
            yield front
            await front.close()
        finally:
            process.terminate()
            await process.wait()
            shutil.rmtree(runtime_dir)


def make_plan(runtime_dir, proxy, changes):
    listen, internal = free_ports(2)
    return FrontPlan(
        **{
            "runtime_dir": runtime_dir,
            "cache_dir": runtime_dir / "cache",
            "listen": listen,
            "proxies": (proxy,),
            "secret": SECRET,
            "build": NGINX.build,
            "cached_prefixes": (STATIC,),
            "internal_listen": internal,
            "internal_proxies": (proxy,),
            "worker_user": worker_user(runtime_dir),
            "worker_connections": 256,
        }
        | changes
    )
