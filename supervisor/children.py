"""One child process: how it is started, its output read, and it is ended with all it started.

Whether it is started again is decided elsewhere.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from supervisor.log_lines import LogLines
from supervisor.process_limits import die_with_parent
from supervisor.readiness import Probe

_PIPE_CLOSES_WITHIN = 1.0
_NOT_FOUND = 127  # as a shell says it


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """What a child is, and which signals mean what to it."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    ready: Probe | None = None
    stop_stage: int = 0  # lower stages are drained first
    grace: float = 26.0  # how long the drain may take before it is killed
    stop_signal: signal.Signals = signal.SIGTERM
    fast_signal: signal.Signals = signal.SIGINT
    reload_signal: signal.Signals | None = None
    death_signal: signal.Signals = signal.SIGKILL


class Child:
    """A child that can be run again and again."""

    def __init__(self, spec: ChildSpec, log: LogLines) -> None:
        self.spec = spec
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._over = asyncio.Event()
        self._over.set()

    @property
    def pid(self) -> int | None:
        """The running process, or None."""
        return self._process.pid if self._process else None

    async def run(self) -> int:
        """Start it and stay until it has ended; returns the exit code."""
        self._over.clear()
        try:
            self._process, reading = await self._start()
        except OSError as problem:
            self._log.say(f"cannot be started: {problem}", time.monotonic())
            self._over.set()
            return _NOT_FOUND
        try:
            return await self._process.wait()
        finally:
            await self._end(self._process, reading)
            self._process = None
            self._over.set()

    async def wait_over(self) -> None:
        """Until no process of this child runs."""
        await self._over.wait()

    def send(self, number: signal.Signals) -> None:
        """To the process itself; it knows its own workers."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def kill(self) -> None:
        """The process and everything it started."""
        if self._process:
            kill_group(self._process.pid)

    async def _start(self) -> tuple[asyncio.subprocess.Process, asyncio.Task[None]]:
        # A pipe of our own: with asyncio's, wait() would also wait for orphaned workers that
        # still hold it, which are what we are about to end.
        ours, theirs = os.pipe()
        try:
            process = await self._spawn(theirs)
        except OSError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        return process, asyncio.create_task(self._read(ours))

    async def _spawn(self, output: int) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.spec.argv,
            env=dict(self.spec.env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,  # Ctrl-C in the terminal is ours to handle
            preexec_fn=die_with_parent(self.spec.death_signal),
        )

    async def _end(self, process: asyncio.subprocess.Process, reading: asyncio.Task[None]) -> None:
        kill_group(process.pid)  # orphaned workers would keep the port
        await asyncio.wait({reading}, timeout=_PIPE_CLOSES_WITHIN)
        reading.cancel()
        self._log.flush(time.monotonic())

    async def _read(self, pipe: int) -> None:
        stream = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(pipe, "rb", 0)
        )
        try:
            while data := await stream.read(65536):
                self._log.feed(data, time.monotonic())
        finally:
            transport.close()


def kill_group(group: int) -> None:
    """End every process of the group at once."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
