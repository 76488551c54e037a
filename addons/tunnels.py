"""The tunnels of this process: the one door all connections to the upstream leave by.

Decides which hosts may be reached. How a tunnel gets out is `tunnel.py`'s work.
"""

import asyncio
import logging
from collections.abc import Callable

from addons import in_memory
from addons.dialing import Dialer
from addons.in_memory import Ends
from addons.piping import PipeReader
from addons.tunnel import Patience, Routes, Tunnel
from core.pace import Pace, Tempo

log = logging.getLogger(__name__)

_UPSTREAM_PORT = 443
_TICK_SECONDS = 0.1
_MOST_UNREAD = 64 * 1024
"""Of either side, before the other is held up; asyncio's own mark."""


class Tunnels:
    """`open` makes one, from `start` to `stop`; it leaves the `gap` (seconds) of its label between
    small pieces."""

    def __init__(
        self,
        *,
        routes: Routes,
        dialer: Dialer,
        may_reach: Callable[[str], bool],
        gap: Callable[[str], float] = lambda _: 0.0,
        patience: Patience | None = None,
    ) -> None:
        self._routes = routes
        self._dialer = dialer
        self._may_reach = may_reach
        self._gap = gap
        self._patience = patience or Patience()
        self._tunnels: dict[Tunnel, asyncio.Task[None]] = {}
        self._tempo = Tempo()
        self._measuring: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        return self._measuring is not None

    def start(self) -> None:
        self._measuring = asyncio.create_task(self._measure_lateness())

    async def stop(self) -> None:
        """Cuts every tunnel."""
        if not self._measuring:
            return
        self._measuring.cancel()
        self._measuring = None
        for tunnel in self._tunnels:
            tunnel.abort()
        if self._tunnels:
            await asyncio.wait(self._tunnels.values())

    async def open(self, label: str, host: str) -> Ends:
        """Our end of a tunnel to `host`, once it stands; `label` comes back in `Routes`' calls.

        Raises OSError, whose text holds no address.
        """
        if not self.is_running or not self._may_reach(host):
            log.warning("tunnels: refused one to a host that is not the upstream's")
            raise OSError("not a host of the upstream")
        ours, theirs = in_memory.connected(
            asyncio.StreamReader(_MOST_UNREAD), PipeReader(_MOST_UNREAD), label
        )
        pace = Pace(self._tempo, self._gap(label))
        tunnel = Tunnel(label, pace, host, _UPSTREAM_PORT, *theirs, self._patience)
        task = asyncio.create_task(tunnel.run(self._routes, self._dialer))
        self._tunnels[tunnel] = task
        task.add_done_callback(lambda _: self._ended(tunnel))
        try:
            await tunnel.stands()
        except BaseException:
            tunnel.abort()
            raise
        return ours

    def abort(self, label: str, host: str) -> bool:
        """Cut the tunnels to `host` that were opened with `label`. True if there was one."""
        found = [each for each in self._tunnels if (each.label, each.host) == (label, host)]
        for tunnel in found:
            tunnel.abort()
        return bool(found)

    def _ended(self, tunnel: Tunnel) -> None:
        task = self._tunnels.pop(tunnel)
        if not task.cancelled() and (error := task.exception()):
            log.error("tunnels: one broke (%s)", type(error).__name__)

    async def _measure_lateness(self) -> None:
        """Notes how late this process is with what it has to do."""
        now = asyncio.get_running_loop().time
        while True:
            due = now() + _TICK_SECONDS
            await asyncio.sleep(_TICK_SECONDS)
            self._tempo.note(now() - due)
