"""A private PostgreSQL on a loopback port: made for the tests, thrown away after them.

Its settings give up what only a power cut would need. Run by the user `postgres` where we are root,
whom PostgreSQL refuses.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.running_mirror import free_port

USER, PASSWORD = "mirror", "p@ss:wörd/1 %"
_PLACES = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local")
_QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "100",
    "listen_addresses": "127.0.0.1",
}


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"


@dataclass(frozen=True)
class Snapshot:
    """The rows of a database at one moment."""

    database: str
    rows: dict[str, list[tuple[Any, ...]]]
    tables: list[str]


class PostgresServer:
    """One cluster; `stop` and `start` it, make databases in it."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries, self._folder = binaries, folder
        self._port = free_port()
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._who = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}

    def make(self) -> None:
        """The files of the cluster."""
        secret = self._folder / "password"
        secret.write_text(PASSWORD, "utf-8")
        if self._who:
            owner = pwd.getpwnam("postgres")
            for path in (self._folder, secret):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self._run(
            "initdb",
            *("-D", "data", "-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C", "--no-sync"),
        )

    def start(self) -> None:
        """Until it takes connections."""
        options = [f"-c{name}={value}" for name, value in _QUICK.items()]
        with (self._folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self._binaries / "postgres", "-D", "data"),
                    *("-p", str(self._port), "-k", str(self._folder), *options),
                ],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                **self._who,
            )
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(psycopg.OperationalError), self._connection():
                return
            assert time.monotonic() < deadline, (self._folder / "log.txt").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """At once; connections are cut."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(20)
            self._process = None

    def url(self, database: str) -> str:
        """As an operator writes it into DATABASE_URL."""
        return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self._port}/{database}"

    def new_database(self) -> str:
        """The name of an empty one."""
        name = f"mirror{next(self._numbers)}"
        with self._connection() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return name

    def remember(self, database: str) -> "Snapshot":
        """What is in it now, to go back to."""
        with self._connection(database) as connection:
            tables = [name for (name,) in connection.execute(_TABLES)]
            rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
        return Snapshot(database, {name: found for name, found in rows.items() if found}, tables)

    def go_back_to(self, snapshot: "Snapshot") -> None:
        """As it was: far quicker than a database of its own for each test."""
        with self._connection(snapshot.database) as connection, connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            for name in snapshot.tables:
                connection.execute(f"DELETE FROM {name}")
            for (name,) in connection.execute(_SEQUENCES).fetchall():
                connection.execute(f"ALTER SEQUENCE {name} RESTART")
            for name, rows in snapshot.rows.items():
                marks = ", ".join(["%s"] * len(rows[0]))
                connection.cursor().executemany(f"INSERT INTO {name} VALUES ({marks})", rows)

    def drop(self, database: str) -> None:
        """Gone, whoever is connected."""
        with self._connection() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def _connection(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=5)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._binaries / program, *arguments],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **self._who,
        )
        assert done.returncode == 0, done.stderr


def binaries() -> Path | None:
    """Where the newest PostgreSQL's programs are."""
    found = [path.parent for place in _PLACES for path in Path(place).glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).parent)
    return max(found, key=lambda path: path.parent.name, default=None)


def is_required() -> bool:
    """Whether its absence is a failure."""
    return os.environ.get("REQUIRE_POSTGRES") == "1" or os.environ.get("CI") == "true"


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Skips, in one line, where none is installed; fails instead with CI or REQUIRE_POSTGRES."""
    programs = binaries()
    if programs is None:
        text = "no PostgreSQL is installed (apt-get install postgresql)"
        if is_required():
            pytest.fail(text)
        pytest.skip(f"{text}, so nothing is tested against it")
    # Not below pytest's own folder: nobody but root can enter that one.
    folder = Path(tempfile.mkdtemp(prefix="mirror-postgres-"))
    server = PostgresServer(programs, folder)
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
