"""Small real outbound proxies and a TLS upstream, on loopback, that tell what they saw."""

import asyncio
import base64
import contextlib
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.egress import EgressSpec

Address = tuple[str, int]


class Mode(Enum):
    """How a test proxy behaves."""

    OK = auto()
    REFUSE_407 = auto()
    REFUSE_503 = auto()
    BLACK_HOLE = auto()
    """Takes the connection and never says a word."""
    SILENT_TUNNEL = auto()
    """Says the tunnel stands, then nothing."""
    ACCEPT_THEN_CLOSE = auto()
    """Says the tunnel stands, hears the client's first bytes, hangs up."""
    DIE_MID_STREAM = auto()
    """Resets the client after `lifetime` bytes of the answer."""
    SPLIT_HEAD = auto()
    """Answers CONNECT in two segments."""


@dataclass(frozen=True)
class Seen:
    """One request for a tunnel."""

    host: str
    port: int
    by: str
    """`name` or `address`"""
    credentials: str | None


@dataclass
class EgressProxy:
    """An outbound proxy. `places` are the names it can resolve; others it does not know."""

    scheme: str
    places: dict[str, Address]
    credentials: str | None = None
    mode: Mode = Mode.OK
    lifetime: int = 0
    tls: ssl.SSLContext | None = None
    listen: str = "127.0.0.1"
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    hellos: list[bytes] = field(default_factory=list)
    connections: int = 0
    open_tunnels: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def spec(self) -> EgressSpec:
        host = f"[{self.listen}]" if ":" in self.listen else self.listen
        sign_in = f"{self.credentials}@" if self.credentials else ""
        return EgressSpec.parse(f"{self.scheme}://{sign_in}{host}:{self.port}")

    @property
    def targets(self) -> list[Address]:
        return [(seen.host, seen.port) for seen in self.seen]

    async def __aenter__(self) -> "EgressProxy":
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(
            self._accept, self.listen, self.port, ssl=self.tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        self.connections += 1
        try:
            if self.mode is Mode.BLACK_HOLE:
                await reader.read(-1)
            elif self.scheme.startswith("http"):
                await self._http(reader, writer)
            else:
                await self._socks(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort() if self.mode is Mode.DIE_MID_STREAM else writer.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        authority = head.split()[1]
        host, _, port = authority.rpartition(":")
        given = None
        for line in head.splitlines():
            if line.lower().startswith("proxy-authorization: basic "):
                given = base64.b64decode(line.split()[-1]).decode()
        self._note(host.strip("[]"), int(port), given)
        if self.mode is Mode.REFUSE_407 or given != self.credentials:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        if self.mode is Mode.REFUSE_503:
            writer.write(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
            return
        answer = b"HTTP/1.1 200 Connection established\r\nX-Via: test\r\n\r\n"
        if self.mode is Mode.SPLIT_HEAD:
            writer.write(answer[:20])
            await asyncio.sleep(0.05)
            answer = answer[20:]
        await self._tunnel(host.strip("[]"), int(port), reader, writer, lambda _: answer)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version = (await reader.readexactly(1))[0]
        if version == 4:
            await self._socks4(reader, writer)
            return
        methods = await reader.readexactly((await reader.readexactly(1))[0])
        given = None
        if self.credentials:
            if 2 not in methods:
                writer.write(b"\x05\xff")
                return
            writer.write(b"\x05\x02")
            await reader.readexactly(1)
            user = await reader.readexactly((await reader.readexactly(1))[0])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            given = f"{user.decode()}:{password.decode()}"
            if self.mode is Mode.REFUSE_407 or given != self.credentials:
                writer.write(b"\x01\x01")
                return
            writer.write(b"\x01\x00")
        else:
            writer.write(b"\x05\x00")
        kind = (await reader.readexactly(4))[3]
        host = await _socks5_host(reader, kind)
        port = int.from_bytes(await reader.readexactly(2), "big")
        self._note(host, port, given)
        if self.mode is Mode.REFUSE_503:
            writer.write(b"\x05\x01\x00\x01" + bytes(6))
            return
        await self._tunnel(
            host, port, reader, writer, lambda ok: bytes([5, 0 if ok else 4, 0, 1]) + bytes(6)
        )

    async def _socks4(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, *port = await reader.readexactly(3)
        host = str(ipaddress.IPv4Address(await reader.readexactly(4)))
        user = (await reader.readuntil(b"\0"))[:-1].decode()
        self._note(host, int.from_bytes(bytes(port), "big"), user or None)
        await self._tunnel(
            host,
            int.from_bytes(bytes(port), "big"),
            reader,
            writer,
            lambda ok: bytes([0, 0x5A if ok else 0x5B]) + bytes(6),
        )

    def _note(self, host: str, port: int, credentials: str | None) -> None:
        self.seen.append(Seen(host, port, "address" if _is_address(host) else "name", credentials))

    async def _tunnel(
        self,
        host: str,
        port: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: Callable[[bool], bytes],
    ) -> None:
        place = self.places.get(host, (host, port) if _is_address(host) else None)
        if place is None and host == "localhost":
            place = ("127.0.0.1", port)
        if place is None:
            writer.write(answer(False))
            return
        if self.mode in (Mode.SILENT_TUNNEL, Mode.ACCEPT_THEN_CLOSE):
            writer.write(answer(True))
            self.hellos.append(await reader.read(65536))
            if self.mode is Mode.SILENT_TUNNEL:
                await reader.read(-1)
            return
        far_reader, far_writer = await asyncio.open_connection(*place)
        writer.write(answer(True))
        self.open_tunnels += 1
        up = asyncio.create_task(_copy(reader, far_writer, None))
        limit = self.lifetime if self.mode is Mode.DIE_MID_STREAM else None
        down = asyncio.create_task(_copy(far_reader, writer, limit))
        try:
            await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
            down.cancel()
            far_writer.close()
            self.open_tunnels -= 1
            self.ended.set()


async def _socks5_host(reader: asyncio.StreamReader, kind: int) -> str:
    if kind == 3:
        return (await reader.readexactly((await reader.readexactly(1))[0])).decode()
    packed = await reader.readexactly(4 if kind == 1 else 16)
    return str(ipaddress.ip_address(packed))


async def _copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None
) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536 if limit is None else limit):
            writer.write(data)
            await writer.drain()
            if limit is not None and (limit := limit - len(data)) <= 0:
                return


def _is_address(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    return False


_CA_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class CertificateAuthority:
    """Signs certificates for the upstream and for https proxies; `file` is what trusts it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        certificate = self._sign(self._name, self._key, x509.BasicConstraints(True, None), [])
        self.file = folder / "ca.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, *names: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = self._sign(subject, key, x509.BasicConstraints(False, None), names)
        path = self._folder / f"{names[0].replace(':', '_')}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(self, subject, key, constraints, names) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(constraints, critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        if not names:
            builder = builder.add_extension(_CA_USAGE, critical=True)
        if names:
            alternatives = [
                x509.IPAddress(ipaddress.ip_address(name))
                if _is_address(name)
                else x509.DNSName(name)
                for name in names
            ]
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), False)
        return builder.sign(self._key, hashes.SHA256())


# Answers the sample key of RFC 6455.
_SOCKET_ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


@dataclass
class Upstream:
    """An HTTP/1.1 server that says which of its connections it answers on.

    `/silent` never answers, `/big` is long, `/socket` becomes a WebSocket without messages.
    """

    address: Address = ("", 0)
    connections: int = 0
    requests: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    size: int = 1_000_000

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                path = head.split()[1]
                self.requests.append(path)
                self.heads.append(head)
                if path == "/silent":
                    self.silent.set()
                    await reader.read(-1)
                    return
                if path == "/socket":
                    writer.write(_SOCKET_ANSWER)
                    await reader.read(-1)
                    return
                body = b"x" * self.size if path == "/big" else f"connection {number}".encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
                if "Connection: close" in head:
                    return
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.closed.set()
            writer.close()


@asynccontextmanager
async def upstream(tls: ssl.SSLContext | None) -> AsyncIterator[Upstream]:
    served = Upstream()
    server = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=tls)
    served.address = server.sockets[0].getsockname()
    try:
        yield served
    finally:
        server.close()
        server.close_clients()


async def get(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, **headers: str
) -> tuple[int, bytes]:
    """One request on an open HTTP/1.1 connection: status and body."""
    fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    writer.write(f"GET {path} HTTP/1.1\r\nHost: mirror.test\r\n{fields}\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    return int(head.split()[1]), await reader.readexactly(length)
