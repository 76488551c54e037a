"""Starts our processes by forking one that has imported everything: that is most of a start.

`python -m tests.breeder MODULE` is that one: it reads an order a line and answers with a pid.
"""

import atexit
import importlib
import json
import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAIN = {"addons": "addons.__main__", "sidecar": "sidecar"}
"""As `python -m` would run them."""


class Bred:
    """A running process, with those of Popen's methods that are needed."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._fd = os.pidfd_open(pid)

    def __del__(self) -> None:
        os.close(self._fd)

    def send_signal(self, number: int) -> None:
        signal.pidfd_send_signal(self._fd, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def has_ended(self, within: float | None = 0.0) -> bool:
        """Now, or after waiting so many seconds at most; None waits for ever."""
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        return bool(poll.poll(None if within is None else within * 1000))

    def wait(self, seconds: float | None = None) -> None:
        """Raises TimeoutExpired."""
        if not self.has_ended(seconds):
            raise subprocess.TimeoutExpired(str(self.pid), seconds or 0.0)


def start(name: str, environ: Mapping[str, str], log: Path) -> Bred:
    """`python -m name` with just this environment; what it says goes to the end of `log`."""
    breeder = _breeder(name)
    assert breeder.stdin
    assert breeder.stdout
    print(json.dumps({"environ": dict(environ), "log": str(log)}), file=breeder.stdin, flush=True)
    return Bred(int(breeder.stdout.readline()))


@cache
def _breeder(name: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.breeder", MAIN[name]],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.communicate)  # nothing more to order: it ends
    return process


def _breed(module: str) -> int | None:
    """Returns in the children only, with their exit status, and at the end of the orders."""
    main = importlib.import_module(module).main
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for them
    while order := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _become(json.loads(order))
            status: int = main()
            return status
        print(child, flush=True)
    return None


def _become(order: dict[str, object]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    random.seed()
    environ = order["environ"]
    assert isinstance(environ, dict)
    os.environ.clear()
    os.environ.update(environ)
    log = os.open(str(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(log, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


if __name__ == "__main__":
    sys.exit(_breed(sys.argv[1]))
