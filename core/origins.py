"""Which URL of Grok is which URL of the mirror, both ways.

grok.com stands at the mirror origin itself with identical paths; every further host stands under
`/-/<host>/`. A URL that is not exactly one of these has no counterpart, and nothing is guessed.
It knows whole URLs only; finding them in a text is the job of core.rewriting.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from urllib.parse import quote, unquote

from core.url_keys import is_url_name

PREFIX = "/-/"
_OWN_PATHS = re.compile(r"/-(?:[/?#]|\Z)")
_URL = re.compile(
    r"(?P<scheme>(?:https?|wss?):)?//(?P<authority>[^/?#\\@\s]+)(?P<tail>[/?#].*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_DEFAULT_PORTS = {"http": ":80", "ws": ":80", "https": ":443", "wss": ":443", "": ":443"}
_WEBSOCKET = frozenset({"ws", "wss"})


@dataclass(frozen=True, slots=True)
class MirrorOrigin:
    """Our public `scheme://authority`; a default port is not part of it."""

    scheme: str
    authority: str

    def __post_init__(self) -> None:
        authority = self.authority.lower().removesuffix(_DEFAULT_PORTS.get(self.scheme, ""))
        object.__setattr__(self, "authority", authority)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def ws_url(self) -> str:
        return f"{self.ws_scheme}://{self.authority}"

    @property
    def ws_scheme(self) -> str:
        return "wss" if self.scheme == "https" else "ws"


@dataclass(frozen=True, slots=True)
class UpstreamHost:
    """One host on Grok's side that the mirror carries."""

    name: str
    scheme: str = "https"
    cookies: bool = False
    """True when the account's cookies belong to it."""
    sandbox: Literal["", "files", "programs"] = ""
    """What people themselves put there, which must not run as the mirror's own page."""

    @property
    def ws_scheme(self) -> str:
        return "wss" if self.scheme == "https" else "ws"


@dataclass(frozen=True)
class Origins:
    """The two-way list for one mirror origin; `hosts[0]` is the host that has no prefix."""

    mirror: MirrorOrigin
    hosts: tuple[UpstreamHost, ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # Asked for each frame of a WebSocket, to find what was compiled for these origins.
        return hash((self.mirror, self.hosts))

    @cached_property
    def by_name(self) -> dict[str, UpstreamHost]:
        """Every host name that is mapped, `www.` of the main host included."""
        names = {host.name: host for host in reversed(self.hosts)}
        return {f"www.{self.hosts[0].name}": self.hosts[0], **names}

    def prefix_of(self, host: UpstreamHost) -> str:
        """What stands between the mirror origin and the host's own path."""
        return "" if host is self.hosts[0] else PREFIX + host.name

    def to_mirror_url(self, url: str) -> str | None:
        """The mirror's URL for an absolute or `//host` URL of Grok; None when not mapped."""
        found = _URL.match(url)
        if not found:
            return None
        host = self.by_name.get(_without_port(found))
        tail = found["tail"] or ""
        if host is None or (host is self.hosts[0] and _OWN_PATHS.match(tail)):
            return None
        scheme = _scheme(found, self.mirror.scheme, self.mirror.ws_scheme)
        return f"{scheme}//{self.mirror.authority}{self.prefix_of(host)}{tail}"

    def to_upstream_url(self, url: str) -> str | None:
        """Grok's URL for an absolute or `//host` URL of the mirror; None for the mirror's own."""
        found = _URL.match(url)
        if not found or _without_port(found) != self.mirror.authority:
            return None
        tail = found["tail"] or ""
        host = self.hosts[0]
        if _OWN_PATHS.match(tail):
            split = _split_prefix(tail)
            if split is None or split[0] not in self._prefixed:
                return None
            host, tail = self._prefixed[split[0]], split[1]
        return f"{_scheme(found, host.scheme, host.ws_scheme)}//{host.name}{tail}"

    def split_path(self, path: str) -> tuple[UpstreamHost, str] | None:
        """The host and its own path for `/-/<host>/…`; None when that is no mapped host."""
        split = _split_prefix(path)
        if split is None or split[0] not in self._prefixed:
            return None
        tail = split[1]
        return self._prefixed[split[0]], tail if tail.startswith("/") else f"/{tail}"

    def query_to_upstream(self, query: str) -> str:
        """A query string whose URL-valued parameters name Grok's hosts again."""
        return "&".join(map(self._parameter_to_upstream, query.split("&")))

    @cached_property
    def _prefixed(self) -> dict[str, UpstreamHost]:
        return {host.name: host for host in self.hosts[1:]}

    def _parameter_to_upstream(self, parameter: str) -> str:
        name, equals, value = parameter.partition("=")
        if not equals or not is_url_name(unquote(name)):
            return parameter
        url = unquote(value)
        mapped = self.to_upstream_url(url)
        if mapped is None:
            return parameter
        safe = "" if "%2f" in value.lower() else "/:?=,;@!$'()*~"
        return f"{name}={quote(mapped, safe=safe)}"


def host_names(origins: Origins) -> Iterable[tuple[str, UpstreamHost]]:
    """Every mapped name with its host, longest name first."""
    return sorted(origins.by_name.items(), key=lambda pair: (-len(pair[0]), pair[0]))


def _without_port(found: re.Match[str]) -> str:
    scheme = (found["scheme"] or "").rstrip(":").lower()
    return found["authority"].lower().removesuffix(_DEFAULT_PORTS[scheme])


def _scheme(found: re.Match[str], scheme: str, ws_scheme: str) -> str:
    """The target's scheme of the same kind, with its colon; empty for a `//host` URL."""
    given = (found["scheme"] or "").rstrip(":").lower()
    if not given:
        return ""
    return f"{ws_scheme}:" if given in _WEBSOCKET else f"{scheme}:"


def _split_prefix(path: str) -> tuple[str, str] | None:
    found = re.match(r"/-/([a-z0-9-]+(?:\.[a-z0-9-]+)+)((?:[/?#].*)?)\Z", path, re.DOTALL)
    return (found[1], found[2]) if found else None
