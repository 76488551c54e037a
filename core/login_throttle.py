"""How long a peer must wait before he may try a password again; counters are kept elsewhere.

Five wrong tries a minute per peer and thirty a minute for everybody; each further block is twice
as long, up to a quarter of an hour. The owner on loopback is slowed, never locked out: he is the
one who can fix things, yet behind an unconfigured reverse proxy everybody looks like loopback.
"""

import ipaddress
from dataclasses import dataclass

WINDOW = 60.0
PER_PEER = 5
PER_EVERYBODY = 30
EVERYBODY = "everybody"
_FIRST_BLOCK = 30.0
_LONGEST_BLOCK = 900.0
_LONGEST_FOR_EVERYBODY = 60.0
_LONGEST_ON_LOOPBACK = 5.0
_FORGET_AFTER = 3600.0


@dataclass(frozen=True, slots=True)
class Attempts:
    """Wrong tries of one peer, or of everybody together."""

    count: int = 0
    window_started: float = 0.0
    blocks: int = 0
    blocked_until: float = 0.0


def after_failure(attempts: Attempts, limit: int, now: float) -> Attempts:
    """The counters once another try has failed."""
    if now - attempts.window_started > _FORGET_AFTER and attempts.blocked_until <= now:
        attempts = Attempts()
    elif now - attempts.window_started > WINDOW:
        attempts = Attempts(0, now, attempts.blocks, attempts.blocked_until)
    started = attempts.window_started if attempts.count else now
    count = attempts.count + 1
    if count < limit:
        return Attempts(count, started, attempts.blocks, attempts.blocked_until)
    block = min(_FIRST_BLOCK * 2**attempts.blocks, _LONGEST_BLOCK)
    return Attempts(0, now, min(attempts.blocks + 1, 10), now + block)


def wait_seconds(peer: Attempts, everybody: Attempts, now: float, *, loopback: bool) -> float:
    """0 when another try is allowed."""
    # A clock that was set back must not stretch a block beyond its own length.
    own = min(max(0.0, peer.blocked_until - now), _LONGEST_BLOCK)
    if loopback:
        return min(own, _LONGEST_ON_LOOPBACK)
    shared = min(max(0.0, everybody.blocked_until - now), _LONGEST_FOR_EVERYBODY)
    return max(own, shared)


def peer_key(address: str) -> str:
    """The peer a try counts against: an IPv4 address, or the /64 an IPv6 host can roam in."""
    ip = _ip(address)
    if ip is None:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((ip, 64), strict=False).network_address) + "/64"
    return str(ip)


def is_loopback(address: str) -> bool:
    """Whether the peer sits on this machine."""
    ip = _ip(address)
    return ip is not None and ip.is_loopback


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip
