"""Calls the hooks of the registered addons, and nothing else.

mitmproxy looks up every hook of every addon by name on every event, and after each event of a flow
sends a second one, `update`, that only its own screens listen to. Here the callables are found once
per kind of event, which takes a seventh off the CPU time of a small answer.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, fields
from inspect import isawaitable
from typing import Any

from mitmproxy.addonmanager import AddonManager, safecall, traverse
from mitmproxy.exceptions import AddonHalt
from mitmproxy.hooks import Hook
from mitmproxy.http import MessageData
from mitmproxy.log import LegacyLogEvents
from mitmproxy.master import Master


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one kind of event calls: the hooks of each addon, and the fields they are given."""

    arguments: tuple[str, ...]
    addons: tuple[tuple[Callable[..., Any], ...], ...]


class Dispatch(AddonManager):
    """Order, errors and `AddonHalt` are as in the class it replaces; `update` is never sent."""

    def __init__(self, master: Master) -> None:
        super().__init__(master)  # type: ignore[no-untyped-call]
        self._plans: dict[type[Hook], _Plan] = {}
        self._planned_for: list[object] = []

    async def handle_lifecycle(self, event: Hook) -> None:
        await self.trigger_event(event)

    async def trigger_event(self, event: Hook) -> None:
        plan = self._plan(type(event))
        arguments = [getattr(event, name) for name in plan.arguments]
        for hooks in plan.addons:
            try:
                for hook in hooks:
                    result = hook(*arguments)
                    if result is not None and isawaitable(result):
                        await result
            except AddonHalt:
                return
            except Exception:
                with safecall():  # logs it, as mitmproxy does
                    raise

    def _plan(self, event: type[Hook]) -> _Plan:
        if self._planned_for != self.chain:
            self._plans, self._planned_for = {}, list(self.chain)
        plan = self._plans.get(event)
        if plan is None:
            found = (tuple(_hooks(addon, event.name)) for addon in self.chain)
            names = tuple(field.name for field in fields(event))  # type: ignore[arg-type]
            plan = self._plans[event] = _Plan(names, tuple(filter(None, found)))
        return plan


def install(master: Master) -> None:
    """Call before the first addon is added."""
    assert not master.addons.chain
    master.addons = Dispatch(master)
    for handler in tuple(logging.getLogger().handlers):
        if isinstance(handler, LegacyLogEvents):  # sends an event per log line, to no listener
            handler.uninstall()
    # Compares the type of each field of a message with its annotation whenever one is made, unless
    # Python runs with -O: a check of mitmproxy's own code that costs 5 % of a small answer.
    MessageData.__post_init__ = _trust  # type: ignore[method-assign]


def _trust(_: MessageData) -> None:
    pass


def _hooks(addon: object, name: str) -> list[Callable[..., Any]]:
    """Of an addon and the addons inside it."""
    parts = list(traverse([addon]))
    if any(hasattr(part, "update") for part in parts):
        raise TypeError(f"{addon} would never be updated")
    return [hook for part in parts if (hook := getattr(part, name, None))]
