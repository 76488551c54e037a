"""Who is at the other end, and which mirror origin he typed: forwarded headers are believed
from trusted proxies only, read from the right, and never passed on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from core.origins import MirrorOrigin

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_AUTHORITY = re.compile(r"(?i)(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d{1,5})?\Z")


@dataclass(frozen=True, slots=True)
class Hop:
    """The peer that spoke to us: its address and whether it came by TLS."""

    address: str
    scheme: str
    host: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The three forwarding headers of one request, empty when absent."""

    for_: str = ""
    proto: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """The real client: `address` for throttles and logs, `trusted` if a trusted proxy relayed."""

    address: str
    scheme: str
    host: str
    trusted: bool


def resolve_client(hop: Hop, forwarded: Forwarded, trusted: Sequence[Network]) -> Client:
    """The right-most address that is not a trusted proxy; `hop` itself when it is not one."""
    if not _is_trusted(hop.address, trusted):
        return Client(hop.address, hop.scheme, hop.host, trusted=False)
    address = hop.address
    for candidate in reversed([part.strip() for part in forwarded.for_.split(",") if part.strip()]):
        if _parse(candidate) is None:
            break
        address = candidate
        if not _is_trusted(candidate, trusted):
            break
    proto = forwarded.proto.split(",")[-1].strip().lower()
    scheme = proto if proto in ("http", "https") else hop.scheme
    host = forwarded.host.split(",")[-1].strip() or hop.host
    return Client(address, scheme, host, trusted=True)


def mirror_origin(client: Client, public: MirrorOrigin | None) -> MirrorOrigin | None:
    """The origin that absolute URLs of this answer are written with; None = host not allowed.

    `public` (the HOST setting) wins for its own name and for whatever a trusted proxy relays.
    Addresses and localhost always speak for themselves, so a LAN visitor keeps his URL. Once
    HOST is set every other name is refused: that stops DNS rebinding.
    """
    authority = client.host.lower()
    if not _AUTHORITY.match(authority):
        return None
    if public and (client.trusted or _name(authority) == _name(public.authority)):
        return public
    if public and not _speaks_for_itself(_name(authority)):
        return None
    default = {"http": ":80", "https": ":443"}[client.scheme]
    return MirrorOrigin(client.scheme, authority.removesuffix(default))


def _name(authority: str) -> str:
    return re.sub(r":\d+\Z", "", authority)


def _speaks_for_itself(name: str) -> bool:
    return name == "localhost" or _parse(name.strip("[]")) is not None


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in trusted)


@lru_cache(maxsize=1024)
def _parse(address: str) -> Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    return parsed
