"""Tests that ask for `settings` or `opened` run on SQLite and on PostgreSQL.

`@pytest.mark.sqlite` keeps those on SQLite that are about its file, or about size;
`@pytest.mark.postgresql` those on PostgreSQL that are about a server.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

import db
from core.settings import Settings
from tests.postgres_server import PostgresServer, Snapshot
from tests.ready_folder import copy_ready_folder

ENGINES = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        wanted = [name for name in ENGINES if metafunc.definition.get_closest_marker(name)]
        metafunc.parametrize("engine", wanted or ENGINES)


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A database with every table in it, and nothing else."""
    name = postgres.new_database()
    folder = tmp_path_factory.mktemp("migrated")
    db.open_database(Settings(data_dir=folder, database_url=postgres.url(name)))
    db.close_database()
    return postgres.remember(name)


@pytest.fixture
def settings(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    if engine == "sqlite":
        return Settings(data_dir=tmp_path / "data")
    snapshot = request.getfixturevalue("migrated")
    server = request.getfixturevalue("postgres")
    server.go_back_to(snapshot)
    return Settings(data_dir=tmp_path / "data", database_url=server.url(snapshot.database))


@pytest.fixture
def empty(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Nothing is there yet, not even tables."""
    if engine == "sqlite":
        yield Settings(data_dir=tmp_path / "data")
        return
    server = request.getfixturevalue("postgres")
    name = server.new_database()
    yield Settings(data_dir=tmp_path / "data", database_url=server.url(name))
    server.drop(name)


@pytest.fixture
def opened(settings: Settings) -> Iterator[Settings]:
    if not settings.database_url:
        copy_ready_folder(settings.data_dir)
    db.open_database(settings)
    yield settings
    db.close_database()
