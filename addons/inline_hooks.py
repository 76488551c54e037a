"""Works off what a connection's layers ask for in as few turns of the event loop as it takes.

mitmproxy runs every hook as a task that waits for its connection's lock before the layers hear
that it is over, and writes every piece of data by a system call of its own. Nearly all hooks of
ours are over as soon as they have begun: then the layers go on at once, and what they send until
they wait for something leaves in one piece.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine, Generator
from functools import wraps
from typing import Any

from mitmproxy.connection import Connection
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layer import Layer
from mitmproxy.proxy.server import ConnectionHandler
from mitmproxy.utils import asyncio_utils

MOST_AT_ONCE = 16
"""Hooks in one turn: a burst of messages on one socket must not hold up all other connections."""


def install() -> None:
    """Once per process, before the first connection."""
    original = ConnectionHandler.server_event

    @wraps(original)
    async def server_event(self: ConnectionHandler, event: events.Event) -> None:
        if not isinstance(self.layer, InlineHooks):
            self.layer = InlineHooks(self, self.layer)  # type: ignore[assignment]
        await original(self, event)

    if not hasattr(original, "__wrapped__"):
        ConnectionHandler.server_event = server_event  # type: ignore[method-assign]


class InlineHooks:
    """Stands before the outermost layer of a connection, as that layer to whoever handles it."""

    def __init__(self, handler: ConnectionHandler, layer: Layer) -> None:
        self._handler, self._layer = handler, layer
        self._outgoing: list[tuple[Connection, list[bytes]]] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._layer, name)

    def handle_event(self, event: events.Event) -> Generator[commands.Command, Any, None]:
        """The commands that are left to do. If a layer breaks, what is to be sent is all the same,
        and the other layers hear that their hooks are over."""
        waiting = deque([event])
        try:
            yield from self._worked_off(waiting)
        except Exception:
            yield from self._sent()
            raise
        finally:
            for completed in waiting:
                self._in_a_task(self._handler.server_event(completed), "hooks of a broken turn")
        yield from self._sent()

    def _worked_off(self, waiting: deque[events.Event]) -> Generator[commands.Command, Any, None]:
        hooks = 0
        while waiting:
            for command in self._layer.handle_event(waiting.popleft()):
                if isinstance(command, commands.SendData):
                    self._send(command)
                elif isinstance(command, commands.StartHook):
                    hooks += 1
                    if self._is_over(command, may_go_on=hooks < MOST_AT_ONCE):
                        waiting.append(events.HookCompleted(command))
                else:
                    yield from self._sent()
                    yield command

    def _is_over(self, hook: commands.StartHook, *, may_go_on: bool) -> bool:
        """Starts a hook; whether the layers wait for it and may hear now that it is over."""
        loop = asyncio.get_running_loop()
        task = asyncio.Task(self._handler.handle_hook(hook), loop=loop, eager_start=True)
        if task.done() and (may_go_on or not hook.blocking):
            task.result()
            return bool(hook.blocking)
        self._in_a_task(self._told_later(task, hook), f"handle_hook({hook.name})")
        return False

    async def _told_later(self, task: asyncio.Task[None], hook: commands.StartHook) -> None:
        await task
        if hook.blocking:
            await self._handler.server_event(events.HookCompleted(hook))

    def _in_a_task(self, work: Coroutine[Any, Any, None], name: str) -> None:
        client = self._handler.client.peername
        asyncio_utils.create_task(work, name=name, keep_ref=True, client=client)

    def _send(self, command: commands.SendData) -> None:
        if self._outgoing and self._outgoing[-1][0] is command.connection:
            self._outgoing[-1][1].append(command.data)
        else:
            self._outgoing.append((command.connection, [command.data]))

    def _sent(self) -> Generator[commands.Command, Any, None]:
        outgoing, self._outgoing = self._outgoing, []
        for connection, pieces in outgoing:
            yield commands.SendData(connection, b"".join(pieces))
