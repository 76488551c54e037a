"""Has mitmproxy open its connections to the upstream by our tunnels, in place of sockets.

mitmproxy knows upstream proxies, spoken to by CONNECT. A way out is given to it as one, at an
address that leads nowhere but through its own `open`: should a future mitmproxy get past what is
replaced here, it would find no such host. Tests read what leaves.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace

from mitmproxy.proxy import server
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http._upstream_proxy import HttpUpstreamProxy
from mitmproxy.proxy.tunnel import LayerStack

from addons.in_memory import Ends

log = logging.getLogger(__name__)

SUFFIX = ".egress.internal"


class WayOut(str):
    """The made-up host name of one way out; equal ones share their connections."""

    __slots__ = ("_opened",)
    _opened: Callable[[], Awaitable[Ends]]

    def __new__(cls, name: str, opened: Callable[[], Awaitable[Ends]]) -> "WayOut":
        made = super().__new__(cls, name + SUFFIX)
        made._opened = opened
        return made

    async def open(self) -> Ends:
        """Raises OSError, and nothing else: mitmproxy would leave the flow waiting for ever.

        It must have waited for something when it succeeds: mitmproxy only then knows the task.
        """
        try:
            return await self._opened()
        except OSError:
            raise
        except Exception as error:
            log.error("way out: failed (%s)", type(error).__name__)  # noqa: TRY400 - its text may tell
            raise OSError("no way out") from error


class OwnPlace(int):
    """A port that is equal to itself but hashed apart.

    mitmproxy lets one client connection have five open connections per address and makes the
    sixth wait for ever (`proxy/server.py`, `max_conns`). All streams of an account's HTTP/1.1
    page share a way out, and all those of an HTTP/2 client the sidecar.
    """

    def __hash__(self) -> int:
        return id(self)


def install() -> None:
    """Once per process, before the first connection."""
    names = vars(server)
    if names["asyncio"] is asyncio:
        names["asyncio"] = SimpleNamespace(**{**vars(asyncio), "open_connection": _open_connection})
        HttpUpstreamProxy.make = partial(_make, HttpUpstreamProxy.make)  # type: ignore[method-assign]


async def _open_connection(host: str, port: int, **options: object) -> Ends:
    if isinstance(host, WayOut):
        return await host.open()
    return await asyncio.open_connection(host, port, **options)  # type: ignore[arg-type]


def _make(
    original: Callable[[Context, bool], LayerStack], context: Context, _send_connect: bool
) -> LayerStack:
    """A tunnel of ours stands once it is open; there is nobody to send a CONNECT to."""
    return original(context, False)
