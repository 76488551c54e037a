"""A note in the data folder that says how this run is wired, for the doctor's command.

It holds the per-boot secret, so only the mirror's own user can read it; it goes when the run ends,
and the secret of one that was killed opens nothing any more.
"""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.settings import SettingsError
from core.wiring import Wiring

_NAME = ".wiring"


@contextmanager
def running_note(data_dir: Path, wiring: Wiring) -> Iterator[None]:
    """Leave the note for as long as the block runs."""
    path = data_dir / _NAME
    draft = path.with_name(f"{_NAME}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(wiring.to_environ(), file)
    draft.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running_wiring(data_dir: Path) -> Wiring | None:
    """How the mirror on this folder is wired; None when none runs, or not for our eyes."""
    try:
        wiring = Wiring.from_environ(json.loads((data_dir / _NAME).read_text("utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, SettingsError):
        return None
    return wiring if _is_listened_on(wiring.sidecar_listen) else None


def _is_listened_on(address: tuple[str, int]) -> bool:
    """A run that was killed leaves its note behind."""
    with contextlib.suppress(OSError), socket.create_connection(address, timeout=1.0):
        return True
    return False
