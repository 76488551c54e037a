"""Outbound proxies (egresses): how one is written, who leaves by which, how long a bad one rests.

Decides from values alone: what a URL means, who is healthy at `now`, who takes an account over.
Refuses to know how a connection is made or where the rows are kept.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, cast, get_args
from urllib.parse import quote, unquote

from core.host_port import join_host_port, split_host_port

EgressScheme = Literal["http", "https", "socks5", "socks5h", "socks4"]

SCHEMES: tuple[str, ...] = get_args(EgressScheme)
DEFAULT_PORTS = {"http": 80, "https": 443, "socks4": 1080, "socks5": 1080, "socks5h": 1080}

LOOKED_UP_HERE = ("socks4", "socks5")
"""Kinds that are given addresses, not names: this machine's resolver is asked."""

FIRST_REST = 30.0
LONGEST_REST = 600.0

# Also the full-width comma: pools are pasted from Chinese texts, too.
_BETWEEN_ENTRIES = re.compile(r"[,，\s]+")
_SOCKS_FIELD = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressSpec:
    """How to reach one outbound proxy. Its repr never shows what signs in to it."""

    scheme: EgressScheme
    host: str
    """A name or an IP address; IPv6 without brackets."""
    port: int
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> "EgressSpec":
        """Read `scheme://[user[:password]@]host[:port]`; a ValueError repeats none of it.

        User and password may be percent-encoded. They end at the *last* `@`, so that an
        unencoded `@`, `/` or `#` in a password still means what its owner meant.
        """
        scheme, separator, rest = url.strip().partition("://")
        userinfo, _, location = rest.rpartition("@")
        try:
            return cls._read(scheme.lower() if separator else "", userinfo, location)
        except ValueError as error:
            # Nothing but the scheme: cut at a stray comma, even the host may be half a password.
            shown = f"{scheme.lower()}://***" if scheme.lower() in SCHEMES else "***"
            raise ValueError(f"{shown}: {error}") from None

    @classmethod
    def _read(cls, scheme: str, userinfo: str, location: str) -> "EgressSpec":
        if scheme not in SCHEMES:
            raise ValueError(f"it must start with one of {', '.join(f'{s}://' for s in SCHEMES)}")
        host, port = split_host_port(location.removesuffix("/"), DEFAULT_PORTS[scheme])
        username, password = _read_userinfo(userinfo)
        _check_credentials(scheme, username or "", password or "")
        return cls(
            scheme=cast("EgressScheme", scheme),
            host=host,
            port=port,
            username=username,
            password=password,
        )

    @property
    def url(self) -> str:
        """The one spelling of this egress, with its credentials."""
        userinfo = "" if self.username is None else quote(self.username, safe="")
        if self.password is not None:
            userinfo += ":" + quote(self.password, safe="")
        return self._with_userinfo(userinfo if self.username is not None else None)

    @property
    def masked(self) -> str:
        """For eyes and logs: where it is, not what signs in to it."""
        return self._with_userinfo(None if self.username is None else "***")

    def _with_userinfo(self, userinfo: str | None) -> str:
        before = "" if userinfo is None else f"{userinfo}@"
        return f"{self.scheme}://{before}{join_host_port(self.host, self.port)}"

    def __str__(self) -> str:
        return self.masked


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """One egress of the library, with how it has been doing."""

    id: int
    spec: EgressSpec
    enabled: bool = True
    cooling_until: float = 0.0
    failures: int = 0
    """Failures in a row; a success sets it back to nought."""

    def is_cooling(self, now: float) -> bool:
        return now < self.cooling_until

    def is_healthy(self, now: float) -> bool:
        return self.enabled and not self.is_cooling(now)


def parse_pool(text: str) -> list[EgressSpec]:
    """Every egress of a list parted by commas or white space, each once.

    Raises ValueError whose args are all faults, each with the number of its entry. A comma
    inside a password is written %2C.
    """
    specs: dict[EgressSpec, None] = {}
    faults: list[str] = []
    for number, entry in enumerate(filter(None, _BETWEEN_ENTRIES.split(text)), 1):
        try:
            specs[EgressSpec.parse(entry)] = None
        except ValueError as error:
            faults.append(f"entry {number}, {error}")
    if faults:
        raise ValueError(*faults)
    return list(specs)


def rest_after(failures: int) -> float:
    """Seconds to rest after so many failures in a row: 30 s, doubling, 10 minutes at most."""
    doublings = min(max(failures, 1) - 1, 16)
    return min(FIRST_REST * float(1 << doublings), LONGEST_REST)


def after_failure(egress: Egress, now: float) -> Egress:
    """The same egress one failure later.

    While it already rests nothing is added: one dead proxy under fifty open requests
    fails fifty times at once, and that is one event.
    """
    if egress.is_cooling(now):
        return egress
    failures = egress.failures + 1
    return replace(egress, failures=failures, cooling_until=now + rest_after(failures))


def after_success(egress: Egress) -> Egress:
    """The same egress with its past forgiven."""
    return replace(egress, failures=0, cooling_until=0.0)


def choose_egress(
    account_egress_id: int | None,
    egresses: Iterable[Egress],
    loads: Mapping[int, int],
    now: float,
) -> Egress | None:
    """The account's own egress while it is healthy, else the healthy one with the fewest accounts.

    None means that nobody is left, not that one may go direct: see `may_go_direct`.
    """
    healthy = [egress for egress in egresses if egress.is_healthy(now)]
    for egress in healthy:
        if egress.id == account_egress_id:
            return egress
    return min(healthy, key=lambda egress: (loads.get(egress.id, 0), egress.id), default=None)


def may_go_direct(account_egress_id: int | None, egresses: Mapping[int, Egress]) -> bool:
    """Direct only when no egress was ever wanted: an empty library, and none bound."""
    return not egresses and account_egress_id is None


def _read_userinfo(text: str) -> tuple[str | None, str | None]:
    if not text:
        return None, None
    username, colon, password = text.partition(":")
    return unquote(username), unquote(password) if colon else None


def _check_credentials(scheme: str, username: str, password: str) -> None:
    """Refuse here what the proxy's protocol cannot carry, instead of at the first request."""
    if any(ord(char) < 32 or ord(char) == 127 for char in username + password):
        raise ValueError("user and password must not hold control characters")
    if scheme in ("http", "https"):
        if ":" in username:
            raise ValueError("the user of an HTTP proxy must not hold a colon")
        return
    if scheme == "socks4" and password:
        raise ValueError("socks4 has a user but no password")
    if scheme != "socks4" and bool(username) != bool(password):
        raise ValueError("a SOCKS5 proxy wants both a user and a password, or neither")
    if not (username + password).isascii() or max(len(username), len(password)) > _SOCKS_FIELD:
        raise ValueError("user and password of a SOCKS proxy must be ASCII, 255 characters at most")
