"""Opens the database and hands out connections, one a thread; the only place that knows drivers.

Decides the file's place, pragmas, permissions and what counts as the database being away. Every
public function of `db` runs through `call`, so that one process (the sidecar) can move the waiting
off its event loop with `run_calls_with`.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.util import find_spec
from itertools import chain, count
from pathlib import Path
from typing import Any, cast

import apsw
from peewee import (
    Database,
    DatabaseError,
    InterfaceError,
    OperationalError,
    SqliteDatabase,
)
from playhouse import db_url
from playhouse.apsw_ext import APSWDatabase
from playhouse.pool import MaxConnectionsExceeded, PooledDatabase

from core.settings import Settings
from db.errors import CannotOpenError, DatabaseUnavailableError, DriverMissingError
from db.migrations import migrate, pending, take_turn
from db.sealing import Sealer, load_sealer
from db.tables import AccountRow, ArchivedRow, EgressRow, RevisionRow, SettingRow, database

log = logging.getLogger(__name__)

FILE_NAME = "grok-mirror.db"
_SQLITE_FLOOR = (3, 51, 3)  # older ones can corrupt a WAL database that two processes write
_OURS = ("grok-mirror.db", "secret.key", ".")
_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "normal",
    "foreign_keys": 1,
    "journal_size_limit": 64 * 1024 * 1024,
}


BUSY_SECONDS = 4
"""How long somebody else's lock is waited for; less than the proxy waits for the sidecar."""
_POOL = {"max_connections": 32, "timeout": BUSY_SECONDS, "stale_timeout": 300}
_PATIENCE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "options": f"-c lock_timeout={BUSY_SECONDS}s",
}
"""Of PostgreSQL's connections, unless DATABASE_URL says otherwise: a server that has gone, or that
somebody holds locked, is told of within five seconds."""


class _Open:
    """What is open in this process."""

    database: Database | None = None
    sealer: Sealer | None = None
    file: Path | None = None
    inode: int = 0
    run: Callable[..., Any] | None = None


_open = _Open()


def open_database(settings: Settings) -> None:
    """Open, and bring up to date, the database of these settings; CannotOpenError tells why not."""
    close_database()
    connection = _connection(settings)
    database.initialize(connection)
    _open.database = connection
    try:
        _back_up_and_migrate(connection)
        _open.sealer = load_sealer(settings.secret_key_file, may_create=not _has_secrets())
    except (DatabaseError, OSError) as reason:
        where = _open.file or "the database"
        close_database()
        raise CannotOpenError(f"{where} cannot be used: {reason}; nothing was changed") from reason
    except CannotOpenError:
        close_database()
        raise
    _open.inode = _open.file.stat().st_ino if _open.file else 0
    _give_back()


def close_database() -> None:
    """Forget the database; for tests and before a fork's parent ends."""
    release_connection()
    if isinstance(_open.database, PooledDatabase):
        _open.database.close_all()
    _open.database = _open.sealer = _open.file = None


def release_connection() -> None:
    """Close this thread's connection; the next call opens another."""
    if _open.database is None or _open.database.is_closed():
        return
    if isinstance(_open.database, PooledDatabase):
        # Back in the pool it would be met again, by the other side of a fork too.
        _open.database.manual_close()
    else:
        _open.database.close()


def run_calls_with(run: Callable[..., Any] | None) -> None:
    """Let every call go through `run(function, *args, **kwargs)`, for a process with a loop."""
    _open.run = run


def call[**P, T](function: Callable[P, T]) -> Callable[P, T]:
    """Make a public function of `db`: off the loop if wished, its failures named."""

    @wraps(function)
    def named(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except (OperationalError, InterfaceError, MaxConnectionsExceeded) as reason:
            release_connection()  # a broken connection must not be met again
            raise DatabaseUnavailableError(str(reason)) from reason
        finally:
            _give_back()

    @wraps(function)
    def anywhere(*args: P.args, **kwargs: P.kwargs) -> T:
        return named(*args, **kwargs) if _open.run is None else _open.run(named, *args, **kwargs)

    return anywhere


def _give_back() -> None:
    """To the pool, which looks whether a connection still lives before it lends it again: after a
    restart of the server no call meets a dead one, and threads that end leave none behind.
    """
    pool = _open.database
    if isinstance(pool, PooledDatabase) and not pool.is_closed() and not pool.in_transaction():
        pool.close()


@contextmanager
def writing() -> Iterator[None]:
    """A transaction nobody writes beside: what is read in it stays true until it has ended."""
    with database.atomic():
        if _open.database and database.transaction_depth() == 1:
            take_turn(_open.database)
        yield


@contextmanager
def changing() -> Iterator[None]:
    """A transaction that other processes shall notice: the revision grows with it."""
    with writing():
        yield
        RevisionRow.update(number=RevisionRow.number + 1).execute()


def sealer() -> Sealer:
    """The open sealer; calling before `open_database` is a mistake in our code."""
    assert _open.sealer is not None, "open_database was not called"
    return _open.sealer


@call
def revision() -> int:
    """A number that differs when accounts, egresses, users or mirror sessions have changed."""
    return cast("int", RevisionRow.select(RevisionRow.number).scalar())


@call
def check() -> None:
    """Raise DatabaseUnavailableError unless the database can be written."""
    if _open.file is not None and _inode(_open.file) != _open.inode:
        raise DatabaseUnavailableError("the database file was removed or replaced while running")
    with database.atomic():
        RevisionRow.update(number=RevisionRow.number).execute()


def _inode(file: Path) -> int:
    try:
        return file.stat().st_ino
    except OSError:
        return -1


def database_file(settings: Settings) -> Path | None:
    """Where the database is; None when that is PostgreSQL."""
    url = settings.database_url or ""
    if url.partition("://")[0].casefold().startswith("postgres"):
        return None
    if url:
        return Path(url.partition("://")[2].removeprefix("/"))
    return settings.data_dir / FILE_NAME


def free_name(file: Path, why: str) -> Path:
    """A name beside the file, with the moment in it, that nothing has yet."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    endings = chain([""], (f"-{number}" for number in count(2)))
    paths = (file.with_name(f"{file.name}.{why}-{stamp}{ending}") for ending in endings)
    return next(path for path in paths if not path.exists())


def _connection(settings: Settings) -> Database:
    file = database_file(settings)
    if file is None:
        return _postgresql(settings.database_url or "")
    connection = _sqlite(file)
    if not settings.database_url:
        _close_to_others(settings.data_dir, 0o700)
    return connection


def _sqlite(file: Path) -> Database:
    if tuple(map(int, apsw.sqlite_lib_version().split("."))) < _SQLITE_FLOOR:
        raise DriverMissingError(f"SQLite {apsw.sqlite_lib_version()} is too old: update apsw")
    try:
        _prepare_file(file)
    except OSError as reason:
        raise CannotOpenError(f"{file} cannot be made or opened: {reason.strerror}") from reason
    _open.file = file
    # Without the CREATE flag: a file deleted while we run must not come back empty.
    connection: Database = APSWDatabase(
        str(file),
        pragmas=_PRAGMAS,
        timeout=BUSY_SECONDS,
        lock_type="IMMEDIATE",
        flags=apsw.SQLITE_OPEN_READWRITE,
    )
    return connection


def _prepare_file(file: Path) -> None:
    if not file.parent.exists():
        file.parent.mkdir(parents=True, mode=0o700)
    foreign = [entry.name for entry in file.parent.iterdir() if not _is_ours(entry.name)]
    if foreign and not file.exists():
        log.info("%s holds files of another program (%s…); they stay", file.parent, foreign[0])
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    _close_to_others(file, 0o600)


def _close_to_others(path: Path, mode: int) -> None:
    status = path.stat()
    # A sticky folder (/tmp) is shared on purpose.
    if status.st_mode & 0o077 and status.st_uid == os.geteuid() and not status.st_mode & 0o1000:
        path.chmod(mode)


def _is_ours(name: str) -> bool:
    return name.startswith(_OURS)


def _postgresql(url: str) -> Database:
    if find_spec("psycopg") is None:
        raise DriverMissingError(
            "DATABASE_URL names PostgreSQL, whose driver is not installed: "
            "pip install 'psycopg[binary]'"
        )
    rest = url.partition("://")[2]
    try:
        return cast(
            "Database",
            db_url.connect(
                f"psycopg3+pool://{rest}",
                unquote_password=True,
                unquote_user=True,
                **_POOL,
                **{name: value for name, value in _PATIENCE.items() if f"{name}=" not in rest},
            ),
        )
    except ValueError:
        raise CannotOpenError("DATABASE_URL names no database: postgresql://host/name") from None


def _back_up_and_migrate(connection: Database) -> None:
    todo = pending(connection)
    if todo and isinstance(connection, SqliteDatabase) and connection.get_tables():
        _back_up(connection, todo[0].name)
    if todo:
        migrate(connection)


def _back_up(connection: Database, before: str) -> None:
    assert _open.file is not None
    copy = free_name(_open.file, f"before-{before}")
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT, 0o600))  # VACUUM INTO takes an empty file
    connection.execute_sql("VACUUM INTO ?", (str(copy),))
    log.info("the database was copied to %s before it is changed", copy)


def _has_secrets() -> bool:
    """Whether anything is sealed: then a missing key is a loss, not a first start."""
    return bool(
        AccountRow.select().exists()
        or EgressRow.select().exists()
        or ArchivedRow.select().exists()
        or SettingRow.select().where(SettingRow.name == "fingerprint_key").exists()
    )
