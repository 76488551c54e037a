"""Looking into a database: nothing is changed by it, whatever is wrong."""

from pathlib import Path

import apsw
import pytest

import db
from core.settings import Settings
from core.sso_token import PastedAccount
from db.key_file import add_first_key, keep_first_key

pytestmark = pytest.mark.sqlite

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiYSJ9.c2lnbmF0dXJl"


def files_of(settings: Settings) -> set[str]:
    return {path.name for path in settings.data_dir.glob("*")}


@pytest.fixture
def filled(settings: Settings) -> Settings:
    db.open_database(settings)
    db.add_account(PastedAccount(sso_token=TOKEN))
    db.add_user("alice")
    db.close_database()
    return settings


def database_of(settings: Settings) -> Path:
    return settings.data_dir / "grok-mirror.db"


def test_a_sound_one_is_told_with_its_counts(filled: Settings) -> None:
    found = db.examine_database(filled)
    assert found.is_usable
    assert (found.accounts, found.users) == (1, 1)
    assert found.secrets == found.opened > 0
    assert found.schema.startswith("m0")


def test_one_that_is_open_elsewhere_is_read_beside_it(filled: Settings) -> None:
    db.open_database(filled)
    db.add_user("bob")
    assert db.examine_database(filled).users == 2
    db.close_database()


def test_nothing_is_made_where_nothing_is(settings: Settings) -> None:
    assert db.examine_database(settings).is_empty
    assert not settings.data_dir.exists()
    assert "cannot be read" in db.examine_key(settings.secret_key_file)


def test_an_older_one_is_not_migrated(filled: Settings) -> None:
    with apsw.Connection(str(database_of(filled))) as connection:
        connection.execute("DELETE FROM migrations WHERE name > 'm005'")
    before = files_of(filled)
    found = db.examine_database(filled)
    assert (found.schema, found.is_usable) == ("m004_mode_states", False)
    assert found.pending == db.examine_database(filled).pending > 0
    assert files_of(filled) == before


def test_one_of_a_later_version(filled: Settings) -> None:
    with apsw.Connection(str(database_of(filled))) as connection:
        connection.execute("INSERT INTO migrations VALUES ('m999_later', 1.0)")
    assert db.examine_database(filled).too_new


def test_a_key_that_does_not_fit(filled: Settings) -> None:
    add_first_key(filled.secret_key_file)
    assert db.examine_database(filled).opened == db.examine_database(filled).secrets
    keep_first_key(filled.secret_key_file)
    assert db.examine_database(filled).opened == 0
    assert db.examine_key(filled.secret_key_file) == ""


def test_damage_is_named(filled: Settings) -> None:
    file = database_of(filled)
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * 8192 + whole[12288:])
    assert db.examine_database(filled).damage
    file.write_bytes(b"no database at all" * 1000)
    assert db.examine_database(filled).damage


def test_somebody_who_writes_holds_nothing_up(filled: Settings) -> None:
    holder = apsw.Connection(str(database_of(filled)))
    holder.execute("BEGIN EXCLUSIVE")
    try:
        assert db.examine_database(filled).is_usable
    finally:
        holder.close()


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    url = "postgresql://me:secret-word@127.0.0.1:9/mirror"
    found = db.examine_database(Settings(data_dir=tmp_path, database_url=url))
    assert (found.kind, bool(found.problem)) == ("PostgreSQL", True)
    assert "secret-word" not in found.problem
