"""The seam to the upstream: which address stands in for which host, like curl's --connect-to.

Decides only where the socket goes. Host header, SNI and certificate check keep the host's name,
so nothing that is true for the real upstream becomes untrue for a double of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.host_port import join_host_port, split_host_port

ANY_HOST = "*"

_BETWEEN_ENTRIES = re.compile(r"[,，\s]+")


@dataclass(frozen=True, slots=True)
class ConnectTo:
    """Connections for `host:port` go to `address:address_port`."""

    host: str
    """A host name, or `*` for every host."""
    port: int
    address: str
    address_port: int

    @classmethod
    def parse(cls, text: str) -> "ConnectTo":
        """Read `host:port=address:port`; the host may be `*`, IPv6 addresses stand in brackets."""
        wanted, equals, instead = text.strip().partition("=")
        try:
            if not equals:
                raise ValueError("it is written host:port=address:port")  # noqa: TRY301
            host, port = _split_wanted(wanted)
            return cls(host, port, *split_host_port(instead))
        except ValueError as error:
            raise ValueError(f"connect-to {text.strip()!r}: {error}") from None

    def stands_for(self, host: str, port: int) -> bool:
        return self.port == port and self.host in (ANY_HOST, host.lower())

    def __str__(self) -> str:
        wanted = join_host_port(self.host, self.port)
        return f"{wanted}={join_host_port(self.address, self.address_port)}"


def parse_connect_to(text: str) -> tuple[ConnectTo, ...]:
    """Every entry of a list parted by commas or white space; ValueError.args are all faults."""
    table: list[ConnectTo] = []
    faults: list[str] = []
    for entry in filter(None, _BETWEEN_ENTRIES.split(text)):
        try:
            table.append(ConnectTo.parse(entry))
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise ValueError(*faults)
    return tuple(table)


def resolve(table: Sequence[ConnectTo], host: str, port: int) -> tuple[str, int]:
    """Where to connect for `host:port`: an entry naming the host wins over `*`; else itself."""
    found = [entry for entry in table if entry.stands_for(host, port)]
    found.sort(key=lambda entry: entry.host == ANY_HOST)
    return (found[0].address, found[0].address_port) if found else (host, port)


def _split_wanted(text: str) -> tuple[str, int]:
    if text.startswith(f"{ANY_HOST}:"):
        return ANY_HOST, split_host_port(f"any{text[1:]}")[1]
    return split_host_port(text)
