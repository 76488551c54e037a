"""`host:port` in text, IPv6 in brackets. Knows nothing about what listens there."""

import re
from ipaddress import AddressValueError, IPv6Address

_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?\.?")


def split_host_port(text: str, default_port: int | None = None) -> tuple[str, int]:
    """`host:port` or `[v6]:port`, host in lower case and without brackets."""
    if text.startswith("["):
        host, bracket, after = text[1:].partition("]")
        if not bracket or (after and not after.startswith(":")):
            raise ValueError("an IPv6 address is written [address]:port")
        return _ipv6(host), _port(after[1:] if after else None, default_port)
    host, colon, port = text.partition(":")
    if ":" in port:
        raise ValueError("an IPv6 address is written [address]:port")
    return _host_name(host), _port(port if colon else None, default_port)


def join_host_port(host: str, port: int) -> str:
    """The reverse: an IPv6 address gets its brackets back."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _ipv6(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except AddressValueError:
        raise ValueError("the IPv6 address in brackets is not one") from None


def _host_name(text: str) -> str:
    try:
        host = text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    if not _HOST_NAME.fullmatch(host):
        raise ValueError("the host is missing or is not a host name")
    return host


def _port(text: str | None, default: int | None) -> int:
    if text is None and default is not None:
        return default
    number = int(text) if text and len(text) <= 5 and text.isascii() and text.isdigit() else 0
    if not 0 < number < 65536:
        raise ValueError("the port must be a number from 1 to 65535")
    return number
