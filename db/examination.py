"""Looks into the database without changing anything, for whoever asks what is wrong with it.

Opens a connection of its own: the database may be damaged, of another version or not there at all,
and nothing of that may be mended, migrated or made by looking.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw

from core.doctor.machine import DatabaseFacts
from core.settings import Settings
from db.backup import reading
from db.connection import call, database_file
from db.errors import BackupError, CannotOpenError
from db.key_file import read_keys
from db.migrations import MIGRATIONS
from db.rotation import SEAL_MARK, SEALED
from db.sealing import Sealer

type Rows = Callable[[str], list[tuple[Any, ...]]]

_MOST_SECRETS = 500  # of each kind: enough to tell a wrong key
_PATIENCE = 5
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"
_TABLES_POSTGRESQL = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"


@call
def examine_database(settings: Settings) -> DatabaseFacts:
    """What is there, as far as it can be read; never raises for what is wrong with it."""
    file = database_file(settings)
    if file is None:
        return _examine_postgresql(settings)
    if not file.exists():
        return DatabaseFacts(kind="SQLite", exists=False)
    return _examine_sqlite(file, settings.secret_key_file)


@call
def examine_key(path: Path) -> str:
    """Why the key file cannot be used; empty when it can."""
    try:
        read_keys(path)
    except CannotOpenError as reason:
        return str(reason)
    return ""


def _examine_sqlite(file: Path, key_file: Path) -> DatabaseFacts:
    try:
        with reading(file) as connection:
            damage = str(connection.execute("PRAGMA quick_check(1)").get)
            if damage != "ok":
                return DatabaseFacts(kind="SQLite", damage=damage)
            return _facts("SQLite", lambda sql: list(connection.execute(sql)), _TABLES, key_file)
    except (apsw.CorruptError, apsw.NotADBError) as reason:
        return DatabaseFacts(kind="SQLite", damage=str(reason))
    except (apsw.Error, OSError, BackupError) as reason:
        return DatabaseFacts(kind="SQLite", problem=str(reason))


def _examine_postgresql(settings: Settings) -> DatabaseFacts:
    kind = "PostgreSQL"
    try:
        # Imported here: without DATABASE_URL nobody needs the driver.
        import psycopg  # noqa: PLC0415
    except ImportError:
        return DatabaseFacts(kind=kind, problem="psycopg is not installed")
    url = f"postgresql://{(settings.database_url or '').partition('://')[2]}"
    try:
        with psycopg.connect(url, connect_timeout=_PATIENCE, autocommit=True) as connection:
            connection.read_only = True

            def rows(sql: str) -> list[tuple[Any, ...]]:
                return connection.execute(sql.encode()).fetchall()

            return _facts(kind, rows, _TABLES_POSTGRESQL, settings.secret_key_file)
    except psycopg.Error as reason:
        return DatabaseFacts(kind=kind, problem=(str(reason).splitlines() or ["no answer"])[0])


def _facts(kind: str, rows: Rows, listing: str, key_file: Path) -> DatabaseFacts:
    tables = {name for (name,) in rows(listing)}
    if "migrations" not in tables:
        return DatabaseFacts(kind=kind, exists=False)
    applied = {name for (name,) in rows("SELECT name FROM migrations")}
    known = {step.name for step in MIGRATIONS}
    found, opened = _seals(rows, tables, key_file)
    return DatabaseFacts(
        kind=kind,
        schema=max(applied, default=""),
        pending=len(known - applied),
        too_new=bool(applied - known),
        accounts=_count(rows, "accounts", tables),
        users=_count(rows, "users", tables),
        secrets=found,
        opened=opened,
    )


def _seals(rows: Rows, tables: set[str], key_file: Path) -> tuple[int, int]:
    """How many sealed secrets were looked at, and how many the present key opens."""
    secrets = list(_secrets(rows, tables))
    try:
        sealer = Sealer(read_keys(key_file))
    except CannotOpenError:
        return len(secrets), 0
    return len(secrets), sum(map(sealer.opens, secrets))


def _secrets(rows: Rows, tables: set[str]) -> Iterator[str]:
    for model, key, fields in SEALED:
        table = model._meta.table_name
        if table not in tables:
            continue
        for column in (field.column_name for field in fields):
            sql = (
                f"SELECT {column} FROM {table} WHERE {column} LIKE '{SEAL_MARK}%' "  # noqa: S608
                f"ORDER BY {key.column_name} DESC LIMIT {_MOST_SECRETS}"
            )
            yield from (value for (value,) in rows(sql))


def _count(rows: Rows, table: str, tables: set[str]) -> int:
    return int(rows(f"SELECT count(*) FROM {table}")[0][0]) if table in tables else 0  # noqa: S608
