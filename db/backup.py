"""Copies of the database: taken while others write, looked into, and put back.

The key file is never part of a copy: a stolen backup shows no SSO token, and one without its key
is of no use. Whoever restores holds the data folder's lock; only he may, and it is not looked at
here.
"""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from core.settings import Settings
from db.connection import database_file, free_name
from db.errors import BackupError, CannotOpenError
from db.key_file import read_keys
from db.migrations import MIGRATIONS
from db.rotation import SEAL_MARK, SEALED
from db.sealing import Sealer

log = logging.getLogger(__name__)

_COUNTED = ("accounts", "users", "egresses", "api_keys", "owned_objects")
# Who signed out since, or used a link, must not be able to come back with the copy.
_NOT_RESTORED = ("mirror_sessions", "one_time_links")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in a copy."""

    schema: str
    """The last migration it has had."""
    too_new: bool
    counts: Mapping[str, int]
    secrets: int
    opened: int
    """How many of the secrets the present key opens; 0 without a key."""


def back_up(settings: Settings, target: Path) -> Contents:
    """Copy the database as it is at one moment; `target` must not exist yet."""
    source = _own_file(settings)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    with _named_errors(target):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            with _connection(source, apsw.SQLITE_OPEN_READWRITE) as connection:
                connection.execute("VACUUM INTO ?", (str(draft),))
            found = look_into(draft, settings.secret_key_file)
            _keep(draft)
            os.link(draft, target)  # unlike a rename it never replaces another copy
        finally:
            draft.unlink(missing_ok=True)
        _keep(target.parent)
    return found


def look_into(file: Path, key_file: Path) -> Contents:
    """What restoring this file would give; BackupError when it is damaged or not ours."""
    with _named_errors(file), reading(file) as connection:
        if connection.pragma("integrity_check") != "ok":
            raise BackupError(f"{file} is damaged")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not {"migrations", "accounts"} <= tables:
            raise BackupError(f"{file} is no database of Grok Mirror")
        applied = [name for (name,) in connection.execute("SELECT name FROM migrations")]
        secrets, opened = _count_secrets(_secrets(connection, tables), key_file)
        return Contents(
            schema=max(applied, default=""),
            too_new=bool(set(applied) - {step.name for step in MIGRATIONS}),
            counts={name: _count(connection, name) for name in _COUNTED if name in tables},
            secrets=secrets,
            opened=opened,
        )


def restore(settings: Settings, file: Path) -> Path | None:
    """Put a copy in the database's place; where the old one was kept, if there was one."""
    own = database_file(settings)
    if own is None:
        raise BackupError("the database is PostgreSQL: use pg_restore")
    draft = own.with_name(f".{own.name}.restoring")
    with _named_errors(own):
        try:
            _copy(file, draft)
            _own_like(own if own.exists() else own.parent, draft)
            _keep(draft)
            kept = _set_aside(own)
            draft.replace(own)
        finally:
            draft.unlink(missing_ok=True)
        _keep(own.parent)
    return kept


def _own_file(settings: Settings) -> Path:
    file = database_file(settings)
    if file is None:
        raise BackupError("the database is PostgreSQL: use pg_dump, and keep the key file apart")
    if not file.exists():
        raise BackupError(f"there is no database {file} yet")
    return file


@contextmanager
def _connection(name: object, flags: int) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(name), flags=flags)
    try:
        connection.set_busy_timeout(10_000)
        yield connection
    finally:
        connection.close()


@contextmanager
def reading(file: Path) -> Iterator[apsw.Connection]:
    """Nothing is written beside the file, be it on a read-only disk."""
    if not file.is_file():
        raise BackupError(f"there is no file {file}")
    alone = not file.with_name(f"{file.name}-wal").exists()
    name = f"{file.resolve().as_uri()}?{'immutable=1' if alone else 'mode=ro'}"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    with _connection(name, flags) as connection:
        yield connection


@contextmanager
def _named_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise BackupError(f"{file} exists already; choose another name") from None
    except (apsw.Error, OSError) as reason:
        raise BackupError(f"{file}: {reason}") from reason


def _copy(file: Path, draft: Path) -> None:
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with (
        _connection(draft, apsw.SQLITE_OPEN_READWRITE) as new,
        reading(file) as old,
    ):
        with new.backup("main", old, "main") as copying:
            copying.step(-1)
        new.pragma("journal_mode", "delete")
        for table in _NOT_RESTORED:
            new.execute(f"DELETE FROM {table}")  # noqa: S608  our own names


def _set_aside(own: Path) -> Path | None:
    """A second name for the old file. Its last pages leave the WAL first; a WAL that stays, as a
    damaged file's may, is named along with it and must not meet the new file.
    """
    if not own.exists():
        return None
    with contextlib.suppress(apsw.Error), _connection(own, apsw.SQLITE_OPEN_READWRITE) as old:
        old.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    kept = free_name(own, "replaced")
    os.link(own, kept)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            own.with_name(own.name + suffix).rename(kept.with_name(kept.name + suffix))
    return kept


def _secrets(connection: apsw.Connection, tables: set[str]) -> Iterator[str]:
    for model, _, fields in SEALED:
        table = model._meta.table_name
        if table not in tables:
            continue
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        for column in (field.column_name for field in fields if field.column_name in there):
            rows = connection.execute(f"SELECT {column} FROM {table}")  # noqa: S608
            yield from (value for (value,) in rows if value and value.startswith(SEAL_MARK))


def _count_secrets(secrets: Iterator[str], key_file: Path) -> tuple[int, int]:
    """How many there are, and how many of them the present key opens."""
    opens = _opener(key_file)
    found = opened = 0
    for secret in secrets:
        found += 1
        opened += opens(secret)
    return found, opened


def _opener(key_file: Path) -> Callable[[str], bool]:
    try:
        return Sealer(read_keys(key_file)).opens if key_file.exists() else lambda secret: False
    except CannotOpenError as reason:
        log.warning("%s", reason)
        return lambda secret: False


def _count(connection: apsw.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").get)  # noqa: S608


def _keep(path: Path) -> None:
    """On the disk, not only in its cache."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _own_like(old: Path, new: Path) -> None:
    status = old.stat()
    with contextlib.suppress(PermissionError):  # not root: then it is ours already
        os.chown(new, status.st_uid, status.st_gid)
