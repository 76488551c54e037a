"""Turns the text of one environment variable into one value.

Every parser takes cleaned text and returns a value or raises `ValueError`; `NotForUsError` means
"carry on with the default, but say so". It knows nothing about names, defaults or other variables,
and its messages never repeat a value that may hold a password.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_QUOTED = re.compile(r"""(["'])(?P<inner>.*?)\1\s*(?P<comment>#.*)?""", re.DOTALL)
_COMMENT = re.compile(r"(?:^#(?=\s|$)|(?:^|(?<=\S))\s+#).*", re.MULTILINE)
_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_PREFIX_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")
_RESERVED_SEGMENTS = frozenset({".", "..", "-", "api", "healthz"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


class SettingsError(Exception):
    """Everything that is wrong with the environment, as sentences that hold no secret."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class NotForUsError(ValueError):
    """The value cannot be meant for us (tcsh exports HOST): use the default and warn."""


def clean(raw: str, *, markup: bool = False) -> tuple[str, bool]:
    """Strip spaces, quotes and trailing ` # comments`; the flag tells whether a comment went.

    `docker run --env-file` and `-e` keep both quotes and comments. In `markup` a `#` may be a
    colour or an anchor, so there only what follows the last `>` can be a comment.
    """
    if quoted := _QUOTED.fullmatch(raw.strip()):
        return quoted["inner"].strip(), quoted["comment"] is not None
    head, bracket, tail = raw.rpartition(">") if markup else ("", "", raw)
    kept, comments = _COMMENT.subn("", tail)
    return (head + bracket + kept).strip(), comments > 0


def parse_bool(text: str) -> bool:
    """True or false in any of the usual spellings and any case."""
    word = text.casefold()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f"{shown(text)} is not true or false (also 1/0, yes/no, on/off)")


def parse_port(text: str) -> int:
    """A TCP port one can be reached at."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535):
        raise ValueError(f"{shown(text)} is not a port (1–65535)")
    return int(text)


def parse_count(lowest: int, highest: int) -> Callable[[str], int]:
    """Make a parser for a whole number within bounds."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and lowest <= int(text) <= highest):
            raise ValueError(f"{shown(text)} is not a whole number from {lowest} to {highest}")
        return int(text)

    return parse


def parse_choice(*choices: str) -> Callable[[str], str]:
    """Make a parser for one of a few words, in any case."""

    def parse(text: str) -> str:
        if text.casefold() not in choices:
            raise ValueError(f"{shown(text)} is none of {', '.join(choices)}")
        return text.casefold()

    return parse


def parse_bind(text: str) -> str:
    """The address to listen on, without a port: an IP address or a host name."""
    address = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if not (_is_ip(address) or _HOST_NAME.fullmatch(address)):
        raise ValueError(f"{shown(text)} is not an address to listen on (the port goes in PORT)")
    return address


def parse_listen(text: str) -> tuple[str, int]:
    """`host:port`, `[v6]:port`, or a bare port, which means loopback."""
    if text.isdecimal():
        return "127.0.0.1", parse_port(text)
    host, colon, port = text.rpartition(":")
    if not colon or not host or (":" in host and not host.startswith("[")):
        raise ValueError(f"{shown(text)} is not host:port (IPv6 as [::1]:8081)")
    return parse_bind(host), parse_port(port)


def parse_origin(text: str) -> str:
    """`http(s)://host[:port]`, lower case, no path, default port left out."""
    if not text.casefold().startswith(("http://", "https://")):
        raise NotForUsError("does not begin with http:// or https://, so it is ignored")
    parts = _split(text.rstrip("/"))
    if "@" in parts.netloc or parts.path or parts.query or parts.fragment or not parts.hostname:
        raise ValueError("must be only scheme, host and port, like https://grok.example.com")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = parts.port in (None, _DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{host}" if default else f"{parts.scheme}://{host}:{parts.port}"


def parse_cors_origins(text: str) -> tuple[str, ...]:
    """Origins as browsers send them; `*` alone for all, `none` alone for no one's."""
    words = [word for word in re.split(r"[,\s]+", text) if word]
    if words in (["*"], ["none"]):
        return ("*",) if words == ["*"] else ()
    try:
        return tuple(dict.fromkeys(map(parse_origin, words)))
    except NotForUsError:
        raise ValueError("must be origins like https://chat.example.com, or * or none") from None


def parse_prefix(text: str) -> str:
    """`` or `/a/b`: one slash before each segment, none at the end."""
    segments = [segment for segment in text.split("/") if segment]
    for segment in segments:
        if not _PREFIX_SEGMENT.fullmatch(segment):
            raise ValueError("may hold only letters, digits and . _ ~ - between its slashes")
    if segments and segments[0] in _RESERVED_SEGMENTS:
        raise ValueError(
            f"may not begin with {segments[0]!r}, which is a path of the mirror itself"
        )
    return "".join(f"/{segment}" for segment in segments)


def parse_networks(text: str) -> tuple[Network, ...]:
    """A list of IP addresses and networks; one that means "everybody" is refused."""
    return tuple(_network(word) for word in re.split(r"[,\s]+", text) if word)


def parse_keys(text: str) -> tuple[str, ...]:
    """A comma list of keys; a copied `Bearer ` before one is dropped."""
    words = (word.strip().strip("\"'") for word in re.split(r"[,\n]", text))
    keys = (re.sub(r"(?i)^bearer(\s+|$)", "", word).strip() for word in words)
    return tuple(dict.fromkeys(key for key in keys if key))


def parse_database_url(text: str) -> str:
    """A database URL; what it holds is never repeated, for it holds a password."""
    if text.partition("://")[0].casefold() not in {"postgresql", "postgres", "sqlite"}:
        raise ValueError("must begin with postgresql:// or sqlite:///")
    return text


def parse_time_zone(text: str) -> str:
    """A time zone name by its shape; whether it exists shows where it is used."""
    if not re.fullmatch(r":?[A-Za-z0-9_+\-/.,:]+", text):
        raise ValueError(f"{shown(text)} is not a time zone like Asia/Shanghai")
    return text.removeprefix(":")


def parse_path(text: str) -> Path:
    """A path as written; whether it exists is not asked here."""
    return Path(text)


def parse_text(text: str) -> str:
    """The text itself."""
    return text


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def shown(text: str) -> str:
    """The value as an error may repeat it: short, in quotes, on one line, no user info."""
    return repr("…" if "@" in text else text if len(text) <= 40 else f"{text[:40]}…")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # a bad port raises only when it is asked for
    except ValueError:  # its text may repeat a password
        raise ValueError("is not a valid URL") from None
    return parts


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _network(word: str) -> Network:
    try:
        network = ipaddress.ip_network(word, strict=False)
    except ValueError:
        raise ValueError(f"{shown(word)} is not an IP address or network like 10.0.0.0/8") from None
    if network.prefixlen == 0:
        raise ValueError(f"{word} would let every visitor forge his own address")
    return network
