"""Decides what follows the end of a child: start it again, when, or give the whole system up.

Knows no process and no clock: exit codes and up-times come in, a verdict goes out.
"""

from dataclasses import dataclass

CONFIGURATION_ERROR = 78  # EX_CONFIG of sysexits.h: starting again cannot help
FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0
HEALTHY_AFTER = 60.0
STARTUP_FAILURES = 5


@dataclass(frozen=True, slots=True)
class Again:
    """Start the child again after `delay` seconds."""

    delay: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Stop everything and exit with `code`: never half a system."""

    code: int
    reason: str


class RestartRule:
    """The memory of one child's failures."""

    def __init__(self) -> None:
        self._failures = 0

    def after(self, exit_code: int, uptime: float, *, system_ready: bool) -> Again | GiveUp:
        """What to do about a child that ended by itself."""
        if exit_code == CONFIGURATION_ERROR:
            return GiveUp(CONFIGURATION_ERROR, "refused its configuration")
        if uptime >= HEALTHY_AFTER:
            self._failures = 0
        self._failures += 1
        if not system_ready and self._failures >= STARTUP_FAILURES:
            return GiveUp(1, f"ended {self._failures} times while starting")
        return Again(min(FIRST_DELAY * 2 ** (self._failures - 1), LONGEST_DELAY))


def ending(exit_code: int) -> str:
    """An exit code in words; asyncio reports death by signal N as -N."""
    return f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
