"""What this process and its children may do: no core dumps, private files, many sockets.

A core dump holds the SSO tokens; files made by default must not be readable by others.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Loaded here, not in the child: between fork and exec no library may be opened.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def harden_process() -> int:
    """Apply the limits; children inherit them. Returns how many files may be open."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    return _raise_open_files()


def _raise_open_files() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (ValueError, OSError):  # macOS reports a hard limit it does not grant
        return soft
    return hard


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends `death_signal` when this process disappears."""
    parent = os.getpid()

    def in_child() -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it went before the line above was in force
            os._exit(1)

    return in_child
