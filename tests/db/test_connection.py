"""Opening: files, keys, other versions, other processes."""

import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import apsw
import pytest
from cryptography.fernet import Fernet

import db
from core.egress import EgressSpec
from core.settings import Settings
from core.sso_token import parse_pasted
from db import connection, migrations
from db.migrations import Migration
from db.tables import ALL, database

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiYSJ9.c2lnbmF0dXJl9f3c"


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_everything_is_closed_to_others(opened: Settings) -> None:
    db.add_account(parse_pasted(TOKEN))
    assert mode(opened.data_dir) == 0o700
    assert {mode(path) for path in opened.data_dir.iterdir()} == {0o600}


@pytest.mark.sqlite
def test_the_pragmas_are_set(opened: Settings) -> None:
    found = {
        name: database.execute_sql(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 1,
        "foreign_keys": 1,
        "busy_timeout": 4000,
    }


def test_the_models_match_what_the_migrations_make(opened: Settings) -> None:
    for model in ALL:
        columns = {column.name for column in database.get_columns(model._meta.table_name)}
        assert columns == set(model._meta.columns), model


@pytest.mark.sqlite
def test_files_of_another_program_stay(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "data.bin").write_bytes(b"theirs")
    with caplog.at_level(logging.INFO):
        db.open_database(settings)
    db.close_database()
    assert "another program" in caplog.text
    assert (settings.data_dir / "data.bin").read_bytes() == b"theirs"


def test_no_secret_is_readable_in_the_files(opened: Settings) -> None:
    account = db.add_account(parse_pasted(f"sso={TOKEN}; cf_clearance=CLEARANCE"))
    db.save_jar(account.id, {"x-userid": "JARVALUE"})
    user = db.add_user("alice", "PASSWORDTEXT")
    secrets = [db.start_session(user.id, 0.0), db.make_link(user.id, 0.0, 60)]
    secrets += [TOKEN, "CLEARANCE", "JARVALUE", "PASSWORDTEXT"]
    stored = b"".join(path.read_bytes() for path in opened.data_dir.glob("grok-mirror.db*"))
    assert [secret for secret in secrets if secret.encode() in stored] == []


def test_a_missing_key_stops_the_start_and_makes_no_new_one(opened: Settings) -> None:
    db.add_account(parse_pasted(TOKEN))
    opened.secret_key_file.unlink()
    with pytest.raises(db.KeyMissingError, match=r"secret\.key"):
        db.open_database(opened)
    assert not opened.secret_key_file.exists()


def test_a_missing_key_is_made_while_nothing_is_sealed(opened: Settings) -> None:
    opened.secret_key_file.unlink()
    db.open_database(opened)
    assert mode(opened.secret_key_file) == 0o600


def test_a_wrong_key_is_named_and_the_rows_stay(opened: Settings) -> None:
    db.add_account(parse_pasted(TOKEN))
    opened.secret_key_file.write_text("x" * 43 + "=\n")
    db.open_database(opened)
    with pytest.raises(db.SealBrokenError):
        db.load_accounts()


def test_a_key_is_rotated_without_losing_a_secret(opened: Settings) -> None:
    db.add_account(parse_pasted(f"sso={TOKEN}; cf_clearance=cf"))
    db.add_egress(EgressSpec.parse("http://u:p@h:1"))
    old = opened.secret_key_file.read_text()
    new = Fernet.generate_key().decode() + "\n"
    opened.secret_key_file.write_text(new + old)
    db.open_database(opened)
    assert db.reseal_secrets() == 4
    opened.secret_key_file.write_text(new)
    db.open_database(opened)
    assert db.load_accounts()[0].sso_token == TOKEN
    assert db.load_accounts()[0].extra_cookies == {"cf_clearance": "cf"}
    assert db.load_egresses()[0].spec.password == "p"


@pytest.mark.parametrize("text", ["", "hello\n", "# only a comment\n"])
def test_a_file_that_is_no_key_is_refused(settings: Settings, text: str) -> None:
    settings.data_dir.mkdir()
    settings.secret_key_file.write_text(text)
    with pytest.raises(db.KeyUnusableError):
        db.open_database(settings)


def test_an_open_key_file_is_closed_with_a_warning(
    opened: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    opened.secret_key_file.chmod(0o644)
    db.open_database(opened)
    assert mode(opened.secret_key_file) == 0o600
    assert "open to others" in caplog.text


def test_a_newer_schema_is_refused(opened: Settings) -> None:
    database.execute_sql("INSERT INTO migrations VALUES ('m999_from_the_future', 0)")
    with pytest.raises(db.SchemaTooNewError, match="m999"):
        db.open_database(opened)


@pytest.mark.sqlite
def test_a_file_that_is_no_database_is_left_alone(settings: Settings) -> None:
    settings.data_dir.mkdir()
    file = settings.data_dir / "grok-mirror.db"
    file.write_bytes(b"not a database at all, but long enough to be read" * 100)
    with pytest.raises(db.CannotOpenError, match=r"grok-mirror\.db"):
        db.open_database(settings)
    assert file.read_bytes().startswith(b"not a database")


@pytest.mark.sqlite
def test_a_migration_copies_the_database_first(
    opened: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.add_account(parse_pasted(TOKEN))
    steps = (
        *migrations.MIGRATIONS,
        Migration("m002_test", lambda run: run("ALTER TABLE users ADD COLUMN hat TEXT")),
    )
    monkeypatch.setattr(connection, "pending", lambda d: migrations.pending(d, steps))
    monkeypatch.setattr(connection, "migrate", lambda d: migrations.migrate(d, steps))
    db.open_database(opened)
    assert "hat" in {column.name for column in database.get_columns("users")}
    (copy,) = opened.data_dir.glob("*.before-m002_test-*")
    assert mode(copy) == 0o600
    with apsw.Connection(str(copy)) as old:
        assert old.execute("SELECT count(*) FROM accounts").get == 1


def test_a_migration_that_fails_leaves_nothing_behind(opened: Settings) -> None:
    def broken(run: migrations.Run) -> None:
        run("ALTER TABLE users ADD COLUMN hat TEXT")
        run("ALTER TABLE nowhere ADD COLUMN hat TEXT")

    steps = (*migrations.MIGRATIONS, Migration("m002_broken", broken))
    with pytest.raises(Exception, match="nowhere"):
        migrations.migrate(database.obj, steps)
    assert "hat" not in {column.name for column in database.get_columns("users")}


def test_postgresql_without_its_driver_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "find_spec", lambda name: None)
    wanted = Settings(data_dir=tmp_path, database_url="postgresql://u:PW@localhost/x")
    with pytest.raises(db.DriverMissingError, match="psycopg") as refused:
        db.open_database(wanted)
    assert "PW" not in str(refused.value)


@pytest.mark.sqlite
def test_a_deleted_file_is_noticed_and_not_replaced(opened: Settings) -> None:
    (opened.data_dir / "grok-mirror.db").unlink()
    with pytest.raises(db.DatabaseUnavailableError):
        db.check()
    db.release_connection()
    with pytest.raises(db.DatabaseUnavailableError):
        db.revision()
    assert not (opened.data_dir / "grok-mirror.db").exists()


@pytest.mark.sqlite
def test_a_locked_database_is_unavailable_and_recovers(
    opened: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.connection().setbusytimeout(50)
    other = apsw.Connection(str(opened.data_dir / "grok-mirror.db"))
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(db.DatabaseUnavailableError):
        db.check()
    other.execute("ROLLBACK")
    other.close()
    db.check()


def test_threads_have_connections_of_their_own(opened: Settings) -> None:
    def work(number: int) -> None:
        for turn in range(20):
            db.record_ownership([db.Owned(account.id, "c", f"{number}-{turn}", owner)])
        db.release_connection()

    account, owner = db.add_account(parse_pasted(TOKEN)), "user:1"
    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(db.owned_by(owner, account.id, "c")) == 160


def test_calls_can_be_moved_off_the_loop(opened: Settings) -> None:
    moved = []
    db.run_calls_with(
        lambda function, *a, **k: moved.append(function.__name__) or function(*a, **k)
    )
    try:
        db.revision()
    finally:
        db.run_calls_with(None)
    assert moved == ["revision"]


WRITER = """
import sys, db
from pathlib import Path
from core.settings import Settings
db.open_database(Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[4] or None))
for number in range(int(sys.argv[3])):
    db.record_ownership([db.Owned(1, "c", f"{sys.argv[2]}-{number}", "user:1")])
    print(number, flush=True)
"""


def writer(settings: Settings, name: str, rows: int) -> subprocess.Popen[str]:
    where = str(settings.data_dir), name, str(rows), settings.database_url or ""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, *where],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.loop
def test_two_processes_write_at_once(opened: Settings) -> None:
    db.add_account(parse_pasted(TOKEN))
    db.ensure_user("alice")
    processes = [writer(opened, name, 200) for name in "ab"]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(db.owned_by("user:1", 1, "c")) == 400


@pytest.mark.loop
def test_kill_minus_nine_loses_no_acknowledged_row(opened: Settings) -> None:
    db.add_account(parse_pasted(TOKEN))
    db.ensure_user("alice")
    for turn in range(3):
        process = writer(opened, f"t{turn}", 100_000)
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().strip() for _ in range(50 + 37 * turn)]
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        kept = {item.object_id for item in db.owned_by("user:1", 1, "c")}
        assert {f"t{turn}-{number}" for number in acknowledged} <= kept
    if opened.database_url is None:
        assert database.execute_sql("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.loop
def test_several_processes_may_make_the_database_together(empty: Settings) -> None:
    script = (
        "import sys, db\nfrom pathlib import Path\nfrom core.settings import Settings\n"
        "wanted = Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2] or None)\n"
        "db.open_database(wanted); print(db.revision())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(empty.data_dir), empty.database_url or ""],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=60) for process in processes]
    assert [answer for answer, _ in answers] == ["1\n"] * 4, answers
