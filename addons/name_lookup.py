"""Host names to addresses, in threads of its own.

asyncio would resolve in the loop's default threads, which the database writes use as well: a
name server that does not answer would then hold up every request, not only its own.
"""

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor

AddrInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]

_THREADS = 8


class NameLookup:
    """`await lookup(host, port)` gives what `getaddrinfo` gives, for TCP."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="name-lookup")

    async def __call__(self, host: str, port: int) -> list[AddrInfo]:
        if _is_address(host):
            return _getaddrinfo(host, port)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _getaddrinfo, host, port)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _getaddrinfo(host: str, port: int) -> list[AddrInfo]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)  # type: ignore[return-value]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
