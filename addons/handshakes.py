"""What is said to an egress, on a connection that is open, before it carries our bytes.

HTTP CONNECT is spoken here: python-socks takes whatever arrives first for the whole answer, and
an answer in two segments would leave its rest in the TLS stream. SOCKS is python-socks' work.
"""

import asyncio
import base64
from collections.abc import Iterator
from contextlib import contextmanager

from python_socks import ProxyError, ProxyType
from python_socks.async_.asyncio.v2 import Proxy
from python_socks.async_.asyncio.v2._stream import AsyncioSocketStream

from addons.legs import DialError, Fault, Leg, unreachable
from core.egress import EgressSpec
from core.host_port import join_host_port

_SOCKS = {"socks4": ProxyType.SOCKS4, "socks5": ProxyType.SOCKS5, "socks5h": ProxyType.SOCKS5}
_SOCKS_REPLIES_ABOUT_THE_HOST = (3, 4, 5, 6)
_HTTP_REPLIES_ABOUT_THE_HOST = (502, 503, 504)


async def ask_for_tunnel(leg: Leg, spec: EgressSpec, host: str, port: int) -> None:
    """Have `spec`, at the other end of `leg`, connect on to `host:port`. Raises DialError."""
    with _aborting(leg):
        if spec.scheme in _SOCKS:
            await _socks(leg, spec, host, port)
        else:
            await _http(leg, spec, host, port)


async def _http(leg: Leg, spec: EgressSpec, host: str, port: int) -> None:
    leg.writer.write(_connect_request(spec, join_host_port(host, port)))
    _judge_http(await leg.reader.readuntil(b"\r\n\r\n"))


async def _socks(leg: Leg, spec: EgressSpec, host: str, port: int) -> None:
    proxy = Proxy(
        proxy_type=_SOCKS[spec.scheme],
        host=spec.host,
        port=spec.port,
        username=spec.username,
        password=spec.password,
        rdns=True,  # what is to be resolved on our side has been
        forward=_OpenLeg(leg),
    )
    await proxy.connect(host, port)  # the caller's deadline comes long before its own


class _OpenLeg(Proxy):
    """Hands python-socks the connection that is open, instead of having it dial."""

    def __init__(self, leg: Leg) -> None:
        self._leg = leg

    async def connect(self, *_: object, **__: object) -> AsyncioSocketStream:
        loop = asyncio.get_running_loop()
        return AsyncioSocketStream(loop, self._leg.reader, self._leg.writer)


@contextmanager
def _aborting(leg: Leg) -> Iterator[None]:
    """Lets no half-made connection live on, and names what the handshake ran into."""
    try:
        yield
    except BaseException as error:
        leg.abort()
        match error:
            case ProxyError():
                raise _socks_refusal(error) from None
            case EOFError():
                raise DialError("closed the connection") from None
            case asyncio.LimitOverrunError() | ValueError():
                raise DialError("does not speak its protocol") from None
            case OSError() if not isinstance(error, TimeoutError):
                raise unreachable(error) from None
        raise


def _connect_request(spec: EgressSpec, authority: str) -> bytes:
    head = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n"
    if spec.username is not None:
        pair = f"{spec.username}:{spec.password or ''}".encode()
        head += f"Proxy-Authorization: Basic {base64.b64encode(pair).decode()}\r\n"
    return f"{head}\r\n".encode()


def _judge_http(head: bytes) -> None:
    version, _, rest = head.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise ValueError
    status = int(rest[:3])
    if status == 407:
        raise DialError("refused the user or password (407)")
    if not 200 <= status < 300:
        beyond = status in _HTTP_REPLIES_ABOUT_THE_HOST
        raise DialError(f"answered {status}", Fault.BEYOND if beyond else Fault.EGRESS)


def _socks_refusal(error: ProxyError) -> DialError:
    code = error.error_code
    if code in _SOCKS_REPLIES_ABOUT_THE_HOST:
        return DialError(f"could not reach the host (SOCKS reply {code})", Fault.BEYOND)
    return DialError(f"refused (SOCKS reply {code})" if code else "refused the user or password")
