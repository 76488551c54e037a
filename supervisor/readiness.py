"""Asks our own listeners over HTTP whether they answer; decides nothing else."""

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path

_POLL_INTERVAL = 0.05
_ANSWER_WITHIN = 2.0
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True)
class Probe:
    """A listener of ours that says at `/healthz` whether it is well."""

    address: tuple[str, int]
    certificate: Path | None = None  # ours; trusted for this question and nothing else
    headers: tuple[str, ...] = field(default=(), repr=False)

    async def trouble(self) -> str | None:
        """None when it is well, otherwise what is wrong."""
        try:
            async with asyncio.timeout(_ANSWER_WITHIN):
                status = await self._status()
        except TimeoutError:
            return "no answer"
        except OSError as problem:
            return str(problem)
        return None if status == "200" else f"HTTP {status or 'nonsense'}"

    async def _status(self) -> str:
        host, port = reachable(self.address)
        context = pinned(self.certificate) if self.certificate else None
        reader, writer = await asyncio.open_connection(host, port, ssl=context)
        try:
            head = ("GET /healthz HTTP/1.1", f"Host: {authority((host, port))}", *self.headers)
            writer.write("\r\n".join((*head, "Connection: close", "", "")).encode())
            words = (await reader.readline()).decode("ascii", "replace").split()
            return words[1] if len(words) > 1 else ""
        finally:
            writer.transport.abort()


def reachable(listen: tuple[str, int]) -> tuple[str, int]:
    """An address one can connect to, for an address one can listen on."""
    return _EVERY_ADDRESS.get(listen[0], listen[0]), listen[1]


def authority(address: tuple[str, int]) -> str:
    """`host:port` as URLs spell it."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def until_ready(probe: Probe) -> None:
    """Poll until the listener is well; somebody else's process has no event to wait for."""
    while await probe.trouble() is not None:  # noqa: ASYNC110
        await asyncio.sleep(_POLL_INTERVAL)


def pinned(certificate: Path) -> ssl.SSLContext:
    """Trusts exactly this certificate, whatever name it bears."""
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
