"""What a step does now and then while the proxy runs.

A task of its own that raised would be over in silence: nothing would be saved or swept any more.
"""

import asyncio
import logging
from collections.abc import Callable
from inspect import isawaitable

log = logging.getLogger(__name__)


class Recurring:
    """`do` every so many seconds, from `start` to `stop`, whatever it raises. `first` are those
    until the first time, where they are others."""

    def __init__(
        self, seconds: float, do: Callable[[], object], *, first: float | None = None
    ) -> None:
        self._seconds, self._do = seconds, do
        self._first = seconds if first is None else first
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._task:
            self._task.cancel()

    async def _run(self) -> None:
        wait = self._first
        while True:
            await asyncio.sleep(wait)
            wait = self._seconds
            try:
                result = self._do()
                if isawaitable(result):
                    await result
            except Exception as error:  # noqa: BLE001  whatever it was, it is done again
                name, kind = getattr(self._do, "__qualname__", "?"), type(error).__name__
                log.error("%s failed (%s), and is done again", name, kind)  # noqa: TRY400 - its text may tell
