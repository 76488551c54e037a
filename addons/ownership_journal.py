"""A file that says whose an id is before the client is told of it, until the database says so.

An answer streams through a callable that cannot wait for a database. A line appended to a file can
be afforded there, survives a killed process, and is moved on into the database at once.
"""

import fcntl
import json
import logging
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from db import Owned

log = logging.getLogger(__name__)


LEAST_ROOM = 256 * 1024


class OwnershipJournal:
    """One file of this process, locked while it lives: a file that nobody holds is left over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = -1

    def open(self) -> None:
        """Begin a file of one's own. Raises OSError."""
        path = self._folder / f"ownership-{os.getpid()}-{secrets.token_hex(4)}.journal"
        unlocked = path.with_suffix(".new")  # another process would take it for left over
        self._file = os.open(unlocked, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        unlocked.rename(path)
        self._path = path

    @property
    def has_room(self) -> bool:
        """Whether the disk takes more."""
        room = os.fstatvfs(self._file)
        return room.f_bavail * room.f_frsize > LEAST_ROOM

    def append(self, objects: Iterable[Owned]) -> None:
        """Keep these. Raises OSError when that cannot be."""
        lines = "".join(f"{json.dumps(_row(item))}\n" for item in objects).encode()
        written = os.write(self._file, lines)
        if written != len(lines):  # half a line would spoil the next one
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError("the disk is full")

    def clear(self) -> None:
        """Everything is in the database."""
        os.ftruncate(self._file, 0)

    def close(self, *, keep: bool) -> None:
        """`keep` when something is not in the database yet: the next start will see to it."""
        if self._file < 0:
            return
        if not keep:
            self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = -1

    def left_over(self) -> Iterator[tuple[Path, list[Owned]]]:
        """What processes that died have left; delete each file once it is in the database."""
        for path in sorted(self._folder.glob("ownership-*.journal")):
            try:
                file = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                continue  # another one that starts just now was quicker
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield path, _read(path)
            except (BlockingIOError, FileNotFoundError):
                continue  # another proxy process is alive, or was quicker
            finally:
                os.close(file)


def _row(item: Owned) -> tuple[int, str, str, str]:
    return item.account_id, item.kind, item.object_id, item.owner


def _read(path: Path) -> list[Owned]:
    """Every whole line: what was cut off by a crash was never told to anybody."""
    found = []
    for line in path.read_bytes().split(b"\n")[:-1]:
        try:
            account_id, kind, object_id, owner = json.loads(line)
        except ValueError:
            log.error("%s holds a line that cannot be read", path.name)  # noqa: TRY400 - no secret
            continue
        found.append(Owned(account_id, kind, object_id, owner))
    return found
