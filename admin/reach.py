"""Reaches a host of Grok's for one look: through one egress or directly, with verified TLS.

GROK_CONNECT_TO and GROK_CA_FILE hold as everywhere. Waits in plain sockets; the sidecar's are
gevent's. Who may be reached directly is not decided here.
"""

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import certifi
from python_socks import ProxyType
from python_socks.sync.v2 import Proxy

from core.connect_to import resolve
from core.egress import LOOKED_UP_HERE, EgressSpec
from core.settings import Settings

PATIENCE = 12.0
_KINDS = {
    "http": ProxyType.HTTP,
    "https": ProxyType.HTTP,
    "socks4": ProxyType.SOCKS4,
    "socks5": ProxyType.SOCKS5,
    "socks5h": ProxyType.SOCKS5,
}
_MOST = 8192
_REST_SECONDS = 2.0
"""For the rest of an answer, once it has begun."""
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Heard:
    """The first words of an answer, and for how many days the certificate is good (if told)."""

    words: bytes
    milliseconds: int
    days: int | None = None


def ask(
    settings: Settings,
    spec: EgressSpec | None,
    host: str,
    path: str = "/",
    patience: float = PATIENCE,
) -> Heard:
    """GET without cookies. Raises what python-socks, ssl and sockets raise."""
    began = time.monotonic()
    tls = trusting(settings.grok_ca_file)
    where = resolve(settings.grok_connect_to, host, 443)
    with _tls_connection(spec, host, where, tls, patience) as connection:
        connection.sendall(_question(host, path))
        first = connection.recv(_MOST)
        milliseconds = round((time.monotonic() - began) * 1000)
        words = first + _rest(connection, _MOST - len(first)) if first else b""
        return Heard(words, milliseconds, _days_left(connection))


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """The public CAs, and the operator's own beside them."""
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    # Python 3.13 began to insist on extensions that CAs made with a plain `openssl req` lack.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["http/1.1"])
    return context


@contextlib.contextmanager
def _tls_connection(
    spec: EgressSpec | None,
    host: str,
    where: tuple[str, int],
    tls: ssl.SSLContext,
    patience: float,
) -> Iterator[Any]:
    """An SSLSocket, or what python-socks puts in its place where TLS runs inside TLS."""
    if spec is None:
        plain = socket.create_connection(where, timeout=patience)
        try:
            connection = tls.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
    else:
        connection = _through(spec, host, where, tls, patience)
    try:
        connection.settimeout(patience)
        yield connection
    finally:
        connection.close()


def _through(
    spec: EgressSpec, host: str, where: tuple[str, int], tls: ssl.SSLContext, patience: float
) -> Any:  # noqa: ANN401  one of two kinds of socket
    proxy = Proxy(
        proxy_type=_KINDS[spec.scheme],
        host=spec.host,
        port=spec.port,
        username=spec.username,
        password=spec.password,
        rdns=spec.scheme not in LOOKED_UP_HERE,
        proxy_ssl=tls if spec.scheme == "https" else None,
    )
    stream = proxy.connect(*where, timeout=patience)
    try:
        stream.socket.settimeout(patience)
        return stream.start_tls(host, tls).socket
    except BaseException:
        stream.close()
        raise


def _question(host: str, path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0\r\nAccept: text/html\r\n"
        "Connection: close\r\n\r\n"
    ).encode()


def _rest(connection: Any, most: int) -> bytes:  # noqa: ANN401  see above
    """A part of a long answer is enough; of a short one all that comes."""
    words = b""
    until = time.monotonic() + _REST_SECONDS
    with contextlib.suppress(OSError):
        while len(words) < most and (left := until - time.monotonic()) > 0:
            connection.settimeout(left)
            more = connection.recv(_MOST)
            if not more:
                break
            words += more
    return words


def _days_left(connection: Any) -> int | None:  # noqa: ANN401  see above
    ends = (connection.getpeercert() or {}).get("notAfter")
    return int((ssl.cert_time_to_seconds(ends) - time.time()) // _DAY) if ends else None
