"""Starts the stand-in for the demo and reads the one line in which it says what it is.

A process of its own, spoken to over its command line and its first line only.
"""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

from supervisor.children import kill_group
from supervisor.process_limits import die_with_parent

_SPEAKS_WITHIN = 30.0


class StandInError(Exception):
    """The stand-in did not start."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the stand-in said."""

    port: int
    ca_file: Path
    accounts: tuple[Mapping[str, str], ...] = field(repr=False)


@contextmanager
def stand_in(folder: Path, python_path: Path) -> Iterator[Announcement]:
    """The stand-in runs while the block does."""
    process = subprocess.Popen(  # noqa: S603 - a fixed command line, no shell
        [
            *(sys.executable, "-P", "-m", "standin", "--state-dir", str(folder)),
            *("--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"),
        ],
        env={"PYTHONPATH": str(python_path), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        process_group=0,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )
    try:
        yield parse_announcement(_first_line(process))
    finally:
        kill_group(process.pid)
        process.wait()


def parse_announcement(line: bytes) -> Announcement:
    """Raises StandInError for anything else."""
    try:
        said = json.loads(line)
        return Announcement(said["port"], Path(said["ca_file"]), tuple(said["accounts"]))
    except (ValueError, KeyError, TypeError) as problem:
        raise StandInError(f"the stand-in did not start (it said {line[:200]!r})") from problem


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    lines: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read_all, args=(process, lines), daemon=True).start()
    try:
        return lines.get(timeout=_SPEAKS_WITHIN)
    except Empty:
        raise StandInError(f"the stand-in said nothing for {_SPEAKS_WITHIN:g} s") from None


def _read_all(process: subprocess.Popen[bytes], lines: SimpleQueue[bytes]) -> None:
    """The first line counts; the rest is read so that the pipe never fills."""
    assert process.stdout is not None
    with process.stdout as output:
        lines.put(output.readline())
        while output.read(65536):
            pass
