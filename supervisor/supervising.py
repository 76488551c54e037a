"""Keeps a list of children running as one system: all of it ready, or none of it left.

    start ──► ready ──► (a child ends: again, after a pause)
      │         │
      └─────────┴──► ending ──► TERM: drained stage by stage ──► everything gone
                                INT, or a second signal: at once

It knows signals, pauses and exit codes; what the children are is told by their specs.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from supervisor.children import Child, ChildSpec
from supervisor.log_lines import LogLines
from supervisor.readiness import until_ready
from supervisor.restarts import GiveUp, RestartRule, ending

READY_WITHIN = 60.0
AT_ONCE = 1.3  # Ctrl-C: what has not ended by then is killed

type LogOf = Callable[[str], LogLines]


@dataclass(frozen=True, slots=True)
class Ending:
    """Why everything stops, and how."""

    code: int
    drain: bool


class Supervisor:
    """Runs until a signal, a configuration error or a hopeless child ends it."""

    def __init__(self, specs: Iterable[ChildSpec], log_of: LogOf) -> None:
        self.children = [Child(spec, log_of(spec.name)) for spec in specs]
        self._log = log_of("serve")
        self._ready = False
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self, on_ready: Callable[[], None]) -> int:
        """Start everything, stay, stop everything; returns the exit code."""
        with self._signals():
            keepers = [asyncio.create_task(self._keep(child)) for child in self.children]
            announcing = asyncio.create_task(self._announce(on_ready))
            ending = await self._ending
            announcing.cancel()
            await self._stop(drain=ending.drain)
            await asyncio.gather(*keepers)
        return ending.code

    def end(self, code: int, *, drain: bool) -> None:
        """Begin to stop; asked a second time, stop at once."""
        if self._ending.done():
            self._hurry.set()
        else:
            self._ending.set_result(Ending(code, drain))

    # -- keeping ---------------------------------------------------------------------------

    async def _keep(self, child: Child) -> None:
        rule = RestartRule()
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await child.run()
            if self._stopping.is_set():
                break
            verdict = rule.after(code, time.monotonic() - started, system_ready=self._ready)
            if isinstance(verdict, GiveUp):
                self._say(f"{child.spec.name} {verdict.reason} ({ending(code)}); stopping")
                self._give_up(verdict.code)
                break
            self._say(f"{child.spec.name} ended ({ending(code)}); again in {verdict.delay:g} s")
            await self._pause(verdict.delay)

    def _give_up(self, code: int) -> None:
        if not self._ending.done():
            self.end(code, drain=False)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _announce(self, on_ready: Callable[[], None]) -> None:
        asked = [(c.spec.name, c.spec.ready) for c in self.children if c.spec.ready]
        try:
            async with asyncio.timeout(READY_WITHIN):
                for _, probe in asked:
                    await until_ready(probe)
        except TimeoutError:
            for name, probe in asked:
                self._say(f"{name} after {READY_WITHIN:g} s: {await probe.trouble() or 'well'}")
            self._give_up(1)
        else:
            self._ready = True
            on_ready()

    # -- stopping --------------------------------------------------------------------------

    async def _stop(self, *, drain: bool) -> None:
        self._stopping.set()
        if not drain:
            self._hurry.set()
        for stage in sorted({child.spec.stop_stage for child in self.children}):
            if not self._hurry.is_set():
                await self._drain([c for c in self.children if c.spec.stop_stage == stage])
        for child in self.children:
            # The second one tells a child that is finishing its streams not to.
            child.send(child.spec.stop_signal)
            child.send(child.spec.fast_signal)
        await _all_over(self.children, AT_ONCE)
        await self._kill(self.children)

    async def _drain(self, children: list[Child]) -> None:
        for child in children:
            child.send(child.spec.stop_signal)
        over = asyncio.create_task(_all_over(children, max(child.spec.grace for child in children)))
        hurry = asyncio.create_task(self._hurry.wait())
        await asyncio.wait({over, hurry}, return_when=asyncio.FIRST_COMPLETED)
        for task in (over, hurry):
            task.cancel()
        if not self._hurry.is_set():
            await self._kill(children)

    async def _kill(self, children: list[Child]) -> None:
        for child in children:
            if child.pid:
                self._say(f"{child.spec.name} did not stop in time; killed")
                child.kill()
        await _all_over(children, None)

    # -- signals ---------------------------------------------------------------------------

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, lambda: self.end(0, drain=False))
        loop.add_signal_handler(signal.SIGTERM, lambda: self.end(0, drain=True))
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def _reload(self) -> None:
        for child in self.children:
            if child.spec.reload_signal is not None:
                child.send(child.spec.reload_signal)

    def _say(self, text: str) -> None:
        self._log.say(text, time.monotonic())


async def _all_over(children: list[Child], within: float | None) -> None:
    """Until none of them runs, or the time is up."""
    waiting = [asyncio.create_task(child.wait_over()) for child in children]
    if waiting:
        await asyncio.wait(waiting, timeout=within)
    for task in waiting:
        task.cancel()
