"""Opens one connection to a host of the upstream, through an egress or directly.

Knows the way there and the time it may take; knows nothing of accounts, of mitmproxy or of what
flows through afterwards.
"""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import certifi
from aiohappyeyeballs import start_connection

from addons import piping
from addons.handshakes import ask_for_tunnel
from addons.legs import DialError, Fault, Leg, keep_alive, unreachable
from addons.name_lookup import AddrInfo, NameLookup
from core.connect_to import ConnectTo, resolve
from core.egress import EgressSpec

_EYEBALLS_DELAY = 0.25


def egress_tls(ca_file: Path | None) -> ssl.SSLContext:
    """How https egresses are verified: public CAs, and the operator's own if he has one."""
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    # Python 3.13 began to insist on extensions that CAs made with a plain `openssl req` lack.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["http/1.1"])
    return context


class Dialer:
    """Dials for the tunnels; each attempt ends within `deadline`, handshakes included."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext,
        connect_to: Sequence[ConnectTo] = (),
        deadline: float = 10.0,
        lookup: NameLookup,
    ) -> None:
        self._tls = tls
        self._connect_to = connect_to
        self._deadline = deadline
        self._lookup = lookup

    async def dial(self, spec: EgressSpec | None, host: str, port: int) -> Leg:
        """A connection to `host:port` through `spec` (None: directly). Raises DialError."""
        host, port = resolve(self._connect_to, host, port)
        try:
            async with asyncio.timeout(self._deadline):
                if spec is None:
                    return await self._open(host, port)
                return await self._open_through(spec, host, port)
        except TimeoutError:
            raise DialError("timed out") from None

    def close(self) -> None:
        """Waits for no name server."""
        self._lookup.close()

    async def _open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> Leg:
        """TCP, and TLS on top where the egress itself is spoken to in TLS."""
        found = await self._addresses(host, port)
        try:
            sock = await start_connection(found, happy_eyeballs_delay=_EYEBALLS_DELAY)
            keep_alive(sock)
            name = host if tls else None
            return Leg(*await piping.connect(sock, tls, name))
        except OSError as error:
            raise unreachable(error) from None

    async def _addresses(self, host: str, port: int) -> list[AddrInfo]:
        try:
            return await self._lookup(host, port)
        except (OSError, UnicodeError):
            raise DialError("host name not found", Fault.BEYOND) from None

    async def _open_through(self, spec: EgressSpec, host: str, port: int) -> Leg:
        if spec.scheme in ("socks4", "socks5"):
            host = await self._address_for(spec, host, port)
        tls = self._tls if spec.scheme == "https" else None
        leg = await self._open(spec.host, spec.port, tls)
        await ask_for_tunnel(leg, spec, host, port)
        return leg

    async def _address_for(self, spec: EgressSpec, host: str, port: int) -> str:
        """IPv4 first: many SOCKS proxies have no IPv6, and socks4 cannot even say it."""
        found = sorted(await self._addresses(host, port), key=lambda info: info[0])
        if spec.scheme == "socks4":
            found = [info for info in found if info[0] == socket.AF_INET]
        if not found:
            raise DialError("host has no IPv4 address for socks4", Fault.BEYOND)
        return found[0][4][0]
