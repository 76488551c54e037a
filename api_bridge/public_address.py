"""Which addresses the bridge may fetch a caller's images from: those of the open internet only.

Pure. Whoever connects must use the very address that was judged, or a second answer of the name
server would decide instead.
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_HIDING = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "2002::/16", "2001::/32")))
"""Ranges of IPv6 that stand for an IPv4 address, which may be a private one."""


class NotFetchableError(ValueError):
    """An address that is not fetched; the text is fit for the caller."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where an http(s) URL leads."""

    scheme: str
    host: str
    port: int
    path: str


def parse_target(url: str) -> Target:
    """Only http and https, on their own ports, without a user in the URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise NotFetchableError("its address is not a URL") from None
    usual = _PORTS.get(parts.scheme)
    if usual is None or not host or port not in (None, usual) or "@" in parts.netloc:
        raise NotFetchableError("its address is not a plain http(s) one")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or any(ord(c) <= 32 for c in path):
        raise NotFetchableError("its address is not fully encoded")
    return Target(parts.scheme, host, usual, path)


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in network for network in _HIDING):
            return False
    return ip.is_global and not ip.is_multicast
