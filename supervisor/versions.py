"""Refuses to start on libraries that are too old to be safe.

h2 before 4.3 and h11 before 0.16 let a client forge headers; mitmproxy pins them loosely.
"""

import re
import sys
from collections.abc import Callable
from importlib import metadata

LOWEST = {
    "mitmproxy": (12, 2, 3),
    "h2": (4, 3),
    "h11": (0, 16),
    "flask": (3, 1, 3),
}
LOWEST_PYTHON = (3, 12)


def too_old(
    installed: Callable[[str], str] = metadata.version,
    python: tuple[int, ...] = tuple(sys.version_info[:3]),
) -> list[str]:
    """One sentence for each part that is missing or too old."""
    problems = []
    if python < LOWEST_PYTHON:
        problems.append(f"Python {_text(python)}: {_text(LOWEST_PYTHON)} or newer is needed")
    for name, lowest in LOWEST.items():
        try:
            found = installed(name)
        except metadata.PackageNotFoundError:
            problems.append(f"{name} is not installed")
            continue
        if _numbers(found) < lowest:
            problems.append(f"{name} {found}: {_text(lowest)} or newer is needed")
    return problems


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
