"""The loopback CONNECT relay: the one door all connections to the upstream leave by.

Decides who may use it (our own process, by secret) and for which hosts. How a tunnel gets out is
`tunnel.py`'s work. It is no open proxy: loopback only, CONNECT only, port 443 only, listed hosts.
"""

import asyncio
import base64
import binascii
import hmac
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from addons import piping
from addons.dialing import Dialer
from addons.piping import PipeReader
from addons.tunnel import Patience, Routes, Tunnel
from core.host_port import split_host_port
from core.pace import Pace, Tempo

log = logging.getLogger(__name__)

_HEAD_SIZE = 16 * 1024
_UPSTREAM_PORT = 443
_TICK_SECONDS = 0.1


class _RefusedError(Exception):
    """A CONNECT that is not served, with its status line."""


@dataclass(frozen=True, slots=True)
class _Connect:
    host: str
    port: int
    user: str
    secret: bytes


class Relay:
    """`start()` binds a free port of 127.0.0.1; `authorization(label)` opens it for one tunnel,
    which leaves the `gap` (seconds) of its label between small pieces."""

    def __init__(
        self,
        *,
        routes: Routes,
        dialer: Dialer,
        may_reach: Callable[[str], bool],
        gap: Callable[[str], float] = lambda _: 0.0,
        patience: Patience | None = None,
    ) -> None:
        self._routes = routes
        self._dialer = dialer
        self._may_reach = may_reach
        self._gap = gap
        self._patience = patience or Patience()
        self._secret = secrets.token_hex(32)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._tunnels: set[Tunnel] = set()
        self._tempo = Tempo()
        self._measuring: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self._server is not None

    @property
    def address(self) -> tuple[str, int]:
        assert self._server, "the relay is not running"
        host, port = self._server.sockets[0].getsockname()
        return host, port

    async def start(self) -> None:
        self._server = await piping.serve(self._accept, _HEAD_SIZE)
        self._measuring = asyncio.create_task(self._measure_lateness())

    async def stop(self) -> None:
        """Cuts every tunnel."""
        if not self._server:
            return
        self._server.close()
        if self._measuring:
            self._measuring.cancel()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._server = None

    def authorization(self, label: str) -> str:
        """The Proxy-Authorization that opens a tunnel; `label` comes back in `Routes`' calls."""
        pair = f"{label}:{self._secret}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"

    def abort(self, label: str, host: str) -> bool:
        """Cut the tunnels to `host` that were opened with `label`. True if there was one."""
        found = [each for each in self._tunnels if (each.label, each.host) == (label, host)]
        for tunnel in found:
            tunnel.abort()
        return bool(found)

    async def _measure_lateness(self) -> None:
        """Notes how late this process is with what it has to do."""
        now = asyncio.get_running_loop().time
        while True:
            due = now() + _TICK_SECONDS
            await asyncio.sleep(_TICK_SECONDS)
            self._tempo.note(now() - due)

    async def _accept(self, reader: PipeReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: PipeReader, writer: asyncio.StreamWriter) -> None:
        try:
            connect = await self._read_connect(reader)
        except _RefusedError as refusal:
            log.warning("relay: refused a connection (%s)", refusal)
            writer.write(f"HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n".encode())
            return
        except (OSError, EOFError):  # gone, or (TimeoutError) too slow
            return
        label = connect.user
        pace = Pace(self._tempo, self._gap(label))
        tunnel = Tunnel(label, pace, connect.host, connect.port, reader, writer, self._patience)
        self._tunnels.add(tunnel)
        try:
            await tunnel.run(self._routes, self._dialer)
        finally:
            self._tunnels.discard(tunnel)

    async def _read_connect(self, reader: asyncio.StreamReader) -> _Connect:
        try:
            async with asyncio.timeout(self._patience.head):
                head = await reader.readuntil(b"\r\n\r\n")
            connect = _parse(head)
        except (asyncio.LimitOverrunError, ValueError):
            raise _RefusedError("400 Bad request") from None
        if not hmac.compare_digest(connect.secret, self._secret.encode()):
            raise _RefusedError("403 Not for you")
        if connect.port != _UPSTREAM_PORT or not self._may_reach(connect.host):
            raise _RefusedError("403 Not a host of the upstream")
        return connect


def _parse(head: bytes) -> _Connect:
    """Raises ValueError for anything but a CONNECT. No credentials are wrong credentials."""
    request, *fields = head.decode("ascii").split("\r\n")
    method, authority, version = request.split(" ")
    if method != "CONNECT" or not version.startswith("HTTP/1."):
        raise ValueError(request)
    host, port = split_host_port(authority)
    named = (field.partition(":") for field in fields)
    values = [value for name, _, value in named if name.lower() == "proxy-authorization"]
    user, secret = _credentials(values[0] if len(values) == 1 else "")
    return _Connect(host, port, user, secret)


def _credentials(value: str) -> tuple[str, bytes]:
    with suppress(binascii.Error, UnicodeDecodeError):
        scheme, _, encoded = value.strip().partition(" ")
        if scheme.lower() == "basic":
            user, _, secret = base64.b64decode(encoded, validate=True).partition(b":")
            return user.decode(), secret
    return "", b""
