"""Copies while others write, onto a clean folder, of older schemas; and what a thief finds."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import apsw
import pytest

import db
from core.account_import import recognise
from core.egress import EgressSpec
from core.settings import Settings
from db import migrations
from db.tables import database
from tests.core.test_account_import import token
from tests.db.test_connection import mode, writer

pytestmark = pytest.mark.sqlite

LAST = migrations.MIGRATIONS[-1].name


def fill(accounts: int = 20) -> None:
    db.import_accounts(recognise("\n".join(token(n) for n in range(accounts))).findings)
    db.add_egress(EgressSpec.parse("http://u:PROXYPASSWORD@h:1"))
    user = db.add_user("alice", "PASSWORDTEXT")
    db.start_session(user.id, time.time())
    db.make_link(user.id, time.time(), 60)


def elsewhere(opened: Settings, tmp_path: Path) -> Settings:
    """A clean folder with the same key."""
    other = Settings(data_dir=tmp_path / "other", secret_key_file=opened.secret_key_file)
    other.data_dir.mkdir()
    return other


def test_a_copy_is_whole_closed_to_others_and_without_the_key(
    opened: Settings, tmp_path: Path
) -> None:
    fill()
    target = tmp_path / "copies" / "a.db"
    found = db.back_up(opened, target)
    assert (found.schema, found.too_new) == (LAST, False)
    assert (found.counts["accounts"], found.counts["users"]) == (20, 1)
    assert found.secrets == found.opened == 22
    assert (mode(target), mode(target.parent)) == (0o600, 0o700)
    assert list(target.parent.iterdir()) == [target]
    stored = target.read_bytes()
    key = opened.secret_key_file.read_bytes().strip()
    secrets = [token(1).encode(), b"eyJ0eXAi", b"PROXYPASSWORD", b"PASSWORDTEXT", key]
    assert [secret for secret in secrets if secret in stored] == []


def test_a_copy_never_replaces_another(opened: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("mine")
    with pytest.raises(db.BackupError, match="exists already"):
        db.back_up(opened, tmp_path / "a.db")
    assert (tmp_path / "a.db").read_text() == "mine"


def test_a_clean_folder_gets_everything_but_who_is_signed_in(
    opened: Settings, tmp_path: Path
) -> None:
    fill()
    db.back_up(opened, tmp_path / "a.db")
    before = [account.sso_token for account in db.load_accounts()]
    other = elsewhere(opened, tmp_path)
    assert db.restore(other, tmp_path / "a.db") is None
    db.open_database(other)
    assert [account.sso_token for account in db.load_accounts()] == before
    assert db.check_password("alice", "PASSWORDTEXT", time.time())
    assert db.load_egresses()[0].spec.password == "PROXYPASSWORD"
    assert db.sessions_of(1, time.time()) == []
    assert mode(other.data_dir / "grok-mirror.db") == 0o600


def test_the_old_database_is_kept_beside(opened: Settings, tmp_path: Path) -> None:
    fill(3)
    db.back_up(opened, tmp_path / "a.db")
    db.import_accounts(recognise(token(50)).findings)
    db.close_database()
    kept = db.restore(opened, tmp_path / "a.db")
    assert kept is not None
    assert mode(kept) == 0o600
    assert db.look_into(kept, opened.secret_key_file).counts["accounts"] == 4
    db.open_database(opened)
    assert len(db.load_accounts()) == 3
    assert not (opened.data_dir / "grok-mirror.db-wal.old").exists()


def test_a_damaged_database_can_be_replaced_and_stays_beside(
    opened: Settings, tmp_path: Path
) -> None:
    fill(3)
    db.back_up(opened, tmp_path / "a.db")
    db.close_database()
    file = opened.data_dir / "grok-mirror.db"
    file.write_bytes(b"nonsense" * 1000)
    (opened.data_dir / "grok-mirror.db-wal").write_bytes(b"old log")
    kept = db.restore(opened, tmp_path / "a.db")
    assert kept is not None
    assert kept.read_bytes().startswith(b"nonsense")
    assert not (opened.data_dir / "grok-mirror.db-wal").exists()
    db.open_database(opened)
    assert len(db.load_accounts()) == 3


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00" + b"x" * 5000, b"text" * 500])
def test_what_is_no_copy_is_refused(opened: Settings, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.db").write_bytes(content)
    with pytest.raises(db.BackupError, match=r"a\.db"):
        db.look_into(tmp_path / "a.db", opened.secret_key_file)
    with pytest.raises(db.BackupError, match="no file"):
        db.look_into(tmp_path / "gone.db", opened.secret_key_file)


def test_a_flipped_page_is_noticed(opened: Settings, tmp_path: Path) -> None:
    fill(200)
    target = tmp_path / "a.db"
    db.back_up(opened, target)
    data = bytearray(target.read_bytes())
    data[4096 * 6 : 4096 * 8] = b"\xff" * 8192
    target.write_bytes(data)
    with pytest.raises(db.BackupError):
        db.look_into(target, opened.secret_key_file)


def test_it_is_told_what_the_key_opens(opened: Settings, tmp_path: Path) -> None:
    fill(2)
    target = tmp_path / "a.db"
    db.back_up(opened, target)
    (tmp_path / "wrong").write_text("x" * 43 + "=\n")
    (tmp_path / "none").write_text("no key")
    for key_file in (tmp_path / "wrong", tmp_path / "none", tmp_path / "gone"):
        found = db.look_into(target, key_file)
        assert (found.secrets, found.opened) == (4, 0)


def test_a_copy_of_a_later_version_is_known(opened: Settings, tmp_path: Path) -> None:
    db.back_up(opened, tmp_path / "a.db")
    with apsw.Connection(str(tmp_path / "a.db")) as copy:
        copy.execute("INSERT INTO migrations VALUES ('m999_from_the_future', 0)")
    assert db.look_into(tmp_path / "a.db", opened.secret_key_file).too_new


def test_an_old_schema_is_copied_then_migrated(settings: Settings) -> None:
    settings.data_dir.mkdir()
    file = settings.data_dir / "grok-mirror.db"
    first = migrations.MIGRATIONS[:1]
    with apsw.Connection(str(file)) as old:
        old.execute(
            "CREATE TABLE migrations (name TEXT NOT NULL PRIMARY KEY, applied_at DOUBLE NOT NULL)"
        )
        first[0].apply(
            lambda statement: old.execute(
                statement.replace("{id}", "INTEGER PRIMARY KEY AUTOINCREMENT").replace(
                    "{compact}", "WITHOUT ROWID"
                )
            )
        )
        old.execute("INSERT INTO migrations VALUES (?, 0)", (first[0].name,))
        old.execute("INSERT INTO users VALUES (1,'alice','Alice',NULL,1,NULL,0,0,NULL)")
    db.open_database(settings)
    assert [user.name for user in db.load_users()] == ["alice"]
    (copy,) = settings.data_dir.glob("*.before-m002*")
    assert mode(copy) == 0o600
    found = db.look_into(copy, settings.secret_key_file)
    assert (found.schema, found.counts["users"]) == (first[0].name, 1)
    db.close_database()
    db.restore(settings, copy)
    db.open_database(settings)
    assert [user.name for user in db.load_users()] == ["alice"]
    db.close_database()


MIGRATE = """
import sys, time, db
from pathlib import Path
from core.settings import Settings
from db import connection, migrations

def slow(run):
    run("ALTER TABLE users ADD COLUMN hat TEXT")
    print("half way", flush=True)
    time.sleep(60)
    run("ALTER TABLE users ADD COLUMN coat TEXT")

steps = (*migrations.MIGRATIONS, migrations.Migration("m999_slow", slow))
connection.pending = lambda database: migrations.pending(database, steps)
connection.migrate = lambda database: migrations.migrate(database, steps)
db.open_database(Settings(data_dir=Path(sys.argv[1])))
"""


@pytest.mark.loop
def test_a_migration_killed_half_way_is_undone_and_its_copy_stays(opened: Settings) -> None:
    fill(3)
    db.close_database()
    process = subprocess.Popen(
        [sys.executable, "-c", MIGRATE, str(opened.data_dir)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "half way\n"
    process.kill()
    process.communicate()
    db.open_database(opened)
    assert len(db.load_accounts()) == 3
    assert "hat" not in {column.name for column in database.get_columns("users")}
    (copy,) = opened.data_dir.glob("*.before-m999_slow-*")
    assert db.look_into(copy, opened.secret_key_file).counts["accounts"] == 3


def test_postgresql_has_tools_of_its_own(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql://u:PW@h/x")
    with pytest.raises(db.BackupError, match="pg_dump"):
        db.back_up(settings, tmp_path / "a.db")
    with pytest.raises(db.BackupError, match="pg_restore"):
        db.restore(settings, tmp_path / "a.db")


@pytest.mark.loop
def test_a_copy_taken_while_another_process_writes(opened: Settings, tmp_path: Path) -> None:
    fill()
    process = writer(opened, "w", 1_000_000)
    assert process.stdout is not None
    try:
        written = 0
        for turn in range(5):
            for _ in range(100):
                written = int(process.stdout.readline()) + 1
            found = db.back_up(opened, tmp_path / f"{turn}.db")
            assert written <= found.counts["owned_objects"]
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    other = elsewhere(opened, tmp_path)
    db.restore(other, tmp_path / "4.db")
    db.open_database(other)
    owned = {item.object_id for item in db.owned_by("user:1", 1, "c")}
    assert {f"w-{number}" for number in range(written)} <= owned
    assert owned == {f"w-{number}" for number in range(len(owned))}


@pytest.mark.slow
def test_others_write_while_a_key_is_rotated(opened: Settings) -> None:
    fill(300)
    stop, errors = threading.Event(), []

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            db.save_jar(1 + number % 300, {"n": str(number)})
            if db.load_account(1 + number % 300) is None:
                errors.append(number)
        db.release_connection()

    thread = threading.Thread(target=work)
    thread.start()
    for _ in range(3):
        assert db.start_rotation(opened)
        db.settle_seals()
        assert db.finish_rotation(opened) == 1
    stop.set()
    thread.join()
    assert errors == []
    assert len(opened.secret_key_file.read_text().splitlines()) == 1
    assert db.count_seals()[1] == 0
    assert len(db.load_accounts()) == 300


ROTATE = """
import sys, db
from pathlib import Path
from core.settings import Settings
settings = Settings(data_dir=Path(sys.argv[1]))
db.open_database(settings)
print(db.start_rotation(settings), flush=True)
db.settle_seals(lambda done, total: print(done, flush=True))
"""


@pytest.mark.loop
def test_a_rotation_may_be_killed_at_any_moment(opened: Settings) -> None:
    fill(1_000)
    before = [account.sso_token for account in db.load_accounts()]
    goes_on = False
    for lines in (0, 1, 2, 3, 4, 5, 2, 1):
        process = subprocess.Popen(
            [sys.executable, "-c", ROTATE, str(opened.data_dir)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(lines)]
        time.sleep(0.3 if lines == 0 else 0.003 * lines)
        process.kill()
        process.communicate()
        goes_on = goes_on or "False" in said
        assert [account.sso_token for account in db.load_accounts()] == before
    db.start_rotation(opened)
    db.settle_seals()
    assert goes_on
    assert db.finish_rotation(opened) >= 1
    db.open_database(opened)
    assert [account.sso_token for account in db.load_accounts()] == before
    assert db.load_egresses()[0].spec.password == "PROXYPASSWORD"


def test_a_key_that_is_needed_is_not_taken_out(
    opened: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(2)
    db.start_rotation(opened)
    monkeypatch.setattr("db.rotation.reseal_secrets", lambda progress: 0)
    with pytest.raises(db.DatabaseUnavailableError, match="older key"):
        db.finish_rotation(opened)
    assert len(opened.secret_key_file.read_text().splitlines()) == 2


def test_a_key_file_keeps_its_comments_and_may_be_a_link(opened: Settings, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.key"
    real.write_bytes(b"# ours\n" + opened.secret_key_file.read_bytes())
    opened.secret_key_file.unlink()
    opened.secret_key_file.symlink_to(real)
    fill(1)
    db.start_rotation(opened)
    assert opened.secret_key_file.is_symlink()
    lines = real.read_text().splitlines()
    assert (lines[0], len(lines)) == ("# ours", 3)
    assert mode(real) == 0o600


@pytest.mark.loop
def test_strings_on_everything_in_the_folder_finds_no_token(
    opened: Settings, tmp_path: Path
) -> None:
    fill(500)
    db.start_rotation(opened)
    db.settle_seals()
    db.back_up(opened, opened.data_dir / "backups" / "a.db")
    key_lines = opened.secret_key_file.read_text().split()
    for path in opened.data_dir.rglob("*"):
        if path.is_file() and path != opened.secret_key_file:
            data = path.read_bytes()
            for number in range(500):
                assert token(number).rpartition(".")[2].encode() not in data
            assert b"eyJ0eXAi" not in data
            assert not any(key.encode() in data for key in key_lines)
