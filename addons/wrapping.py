"""Puts steps of ours around a method of mitmproxy's layers, where no option or hook reaches."""

from collections.abc import Callable, Generator
from typing import Any

type Steps = Generator[Any, Any, Any]
"""What such a method is: commands that it yields."""


def wrap(where: type, name: str, around: Callable[..., Steps]) -> None:
    """From now on `around(original, self, …)` runs in its place. Wraps once per process.

    Raises AttributeError when mitmproxy has moved it.
    """
    original = getattr(where, name)
    if original.__name__ == "wrapped":
        return

    def wrapped(self: object, *args: object) -> Steps:
        return (yield from around(original, self, *args))

    setattr(where, name, wrapped)
