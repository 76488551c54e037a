"""One tunnel: finds a way out, keeps to it from the first byte on, and carries bytes.

Until the upstream has sent its first byte, what the client said so far is kept and can be said
again through another egress. From then on there is no second try.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from addons.dialing import Dialer
from addons.legs import DialError, Fault, Leg, unreachable
from addons.piping import PipeReader
from core.egress import EgressSpec
from core.pace import Pace

MOST_CANDIDATES = 2

_HELLO_SIZE = 16 * 1024
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way out."""

    egress_id: int | None
    spec: EgressSpec | None
    """None: without an egress, which only a `Routes` that knows of none may offer."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A way out that did not work."""

    candidate: Candidate
    error: DialError


class Routes(Protocol):
    """Who decides where a tunnel may leave, and hears what came of it. `label` is opaque to us."""

    async def candidates(self, label: str) -> Sequence[Candidate]:
        """The ways out, best first; none means that the tunnel is refused."""

    def settled(self, label: str, used: Candidate | None, failed: Sequence[Attempt]) -> None:
        """Called once a tunnel has its first byte, or (`used` is None) will never have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long things may take, in seconds."""

    first_byte: float = 10.0
    """From the upstream, once the tunnel stands."""
    last_bytes: float = 0.5
    """From one side, once the other has ended."""


def _future() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


@dataclass(eq=False, slots=True)
class Tunnel:
    """Runs once. `client_*` are the far end of the connection that whoever opened it has."""

    label: str
    pace: Pace
    """How often small pieces of the upstream's are handed on."""
    host: str
    port: int
    client_reader: PipeReader
    client_writer: asyncio.StreamWriter
    patience: Patience
    _hello: bytearray = field(default_factory=bytearray, init=False)
    _leg: Leg | None = field(default=None, init=False)
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _standing: asyncio.Future[None] = field(default_factory=_future, init=False)

    async def run(self, routes: Routes, dialer: Dialer) -> None:
        self._task = asyncio.current_task()
        try:
            if first := await self._begin(routes, dialer):
                self.client_writer.write(first)
                del first, self._hello[:]  # a tunnel may stand for hours
                await self._carry()
        finally:
            self._drop_leg()
            self.client_writer.close()
            self._standing.cancel()

    async def stands(self) -> None:
        """Returns once there is a way out that let us through. Raises OSError: there is none."""
        try:
            await asyncio.shield(self._standing)
        except asyncio.CancelledError:
            if self._standing.cancelled():
                raise ConnectionAbortedError("cut") from None
            raise

    def abort(self) -> None:
        """Cut it now, at both ends."""
        self.client_writer.transport.abort()
        if self._task:
            self._task.cancel()

    async def _begin(self, routes: Routes, dialer: Dialer) -> bytes:
        """What the upstream says first, while the client is heard out; else nothing."""
        listener = asyncio.create_task(self._listen())
        try:
            return await self._first_bytes(routes, dialer)
        finally:
            listener.cancel()
            await asyncio.wait((listener,))

    async def _listen(self) -> None:
        """Hear the client out until the upstream answers: keep what it says, notice if it goes."""
        with suppress(OSError):
            while len(self._hello) < _HELLO_SIZE:
                data = await self.client_reader.read(_HELLO_SIZE - len(self._hello))
                if not data:
                    break
                self._hello += data
                if self._leg:
                    self._leg.writer.write(data)
            else:
                return
        self.abort()

    async def _first_bytes(self, routes: Routes, dialer: Dialer) -> bytes:
        """What the upstream says first, through the first candidate that lets it; else nothing."""
        failed: list[Attempt] = []
        for candidate in (await routes.candidates(self.label))[:MOST_CANDIDATES]:
            try:
                first = await self._try(candidate, dialer)
            except DialError as error:
                failed.append(Attempt(candidate, error))
                self._drop_leg()
            else:
                routes.settled(self.label, candidate, failed)
                return first
        routes.settled(self.label, None, failed)
        self._refuse(failed)
        return b""

    async def _try(self, candidate: Candidate, dialer: Dialer) -> bytes:
        leg = await dialer.dial(candidate.spec, self.host, self.port)
        self._leg = leg
        leg.writer.write(self._hello)
        if not self._standing.done():
            self._standing.set_result(None)
        return await self._hear_first(leg)

    async def _hear_first(self, leg: Leg) -> bytes:
        """Faults here are `BEYOND`: the egress did connect, and the host may be what is silent."""
        try:
            async with asyncio.timeout(self.patience.first_byte):
                first = await leg.reader.read(_PIECE)
        except TimeoutError:
            raise DialError("connected, then nothing came", Fault.BEYOND) from None
        except OSError as error:
            raise DialError(f"connected, then {unreachable(error)}", Fault.BEYOND) from None
        if not first:
            raise DialError("connected, then closed the connection", Fault.BEYOND)
        return first

    def _refuse(self, failed: Sequence[Attempt]) -> None:
        """Only the kind of failure: the client may show it on its error page."""
        if self._standing.done():
            return
        reason = failed[-1].error.reason if failed else ""
        text = "the egress timed out" if reason == "timed out" else "the egress failed"
        self._standing.set_exception(OSError(text if failed else "no healthy egress"))

    async def _carry(self) -> None:
        leg = self._leg
        assert leg
        leg.reader.pace, self.client_reader.heard = self.pace, leg.reader.begin_anew
        up = await self.client_reader.pour_into(leg.writer)
        down = await leg.reader.pour_into(self.client_writer)
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait((up, down), timeout=self.patience.last_bytes)

    def _drop_leg(self) -> None:
        if self._leg:
            self._leg.abort()
            self._leg = None
