"""`backup`, `restore` and `rotate-key` as an operator types them."""

import argparse

import pytest

import db
from core.account_import import recognise
from core.settings import Settings
from supervisor import storage_care
from supervisor.data_lock import DataLock
from tests.core.test_account_import import token


@pytest.fixture
def settings(tmp_path):
    found = Settings(data_dir=tmp_path / "data")
    db.open_database(found)
    db.import_accounts(recognise("\n".join(token(n) for n in range(5))).findings)
    db.close_database()
    return found


def run(settings, command, file=None, **more):
    defaults = {"file": None if file is None else str(file), "dry_run": False, "yes": True}
    asked = argparse.Namespace(command=command, **(defaults | {"remove_old": False} | more))
    return storage_care.run(asked, settings)


def tokens(settings):
    db.open_database(settings)
    try:
        return {account.sso_token for account in db.load_accounts()}
    finally:
        db.close_database()


def test_a_backup_says_where_it_is_and_that_the_key_is_not_in_it(settings, capsys):
    assert run(settings, "backup") == 0
    (copy,) = (settings.data_dir / "backups").iterdir()
    said = capsys.readouterr().out
    assert str(copy) in said
    assert str(settings.secret_key_file) in said
    assert "accounts: 5" in said
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_backup_does_not_mind_a_running_mirror_and_a_restore_does(settings, tmp_path, capsys):
    lock = DataLock.take(settings.data_dir)
    try:
        assert run(settings, "backup", tmp_path / "a.db") == 0
        assert run(settings, "restore", tmp_path / "a.db", dry_run=True) == 0
        assert run(settings, "restore", tmp_path / "a.db") == 1
        assert "in use by another instance" in capsys.readouterr().err
    finally:
        lock.release()
    assert run(settings, "restore", tmp_path / "a.db") == 0
    assert "kept at" in capsys.readouterr().out
    assert len(tokens(settings)) == 5


def test_a_dry_run_and_a_no_change_nothing(settings, tmp_path, monkeypatch, capsys):
    run(settings, "backup", tmp_path / "a.db")
    before = sorted(path.name for path in settings.data_dir.iterdir())
    assert run(settings, "restore", tmp_path / "a.db", dry_run=True) == 0
    assert "opened by the present key: 5 / 5" in capsys.readouterr().out
    monkeypatch.setattr(storage_care, "ask", lambda question: False)
    assert run(settings, "restore", tmp_path / "a.db", yes=False) == 1
    after = {path.name for path in settings.data_dir.iterdir()} - {".lock"}
    assert sorted(after) == before


def test_without_its_key_a_copy_is_not_put_back(settings, tmp_path, capsys):
    run(settings, "backup", tmp_path / "a.db")
    bare = Settings(data_dir=tmp_path / "bare")
    for dry_run in (True, False):
        assert run(bare, "restore", tmp_path / "a.db", dry_run=dry_run) == 1
    assert "put back the key of that time first" in capsys.readouterr().err
    assert not (bare.data_dir / "grok-mirror.db").exists()


def test_a_clean_folder_with_the_key_gets_everything(settings, tmp_path):
    run(settings, "backup", tmp_path / "a.db")
    clean = Settings(data_dir=tmp_path / "clean")
    clean.data_dir.mkdir(mode=0o700)
    clean.secret_key_file.write_bytes(settings.secret_key_file.read_bytes())
    assert run(clean, "restore", tmp_path / "a.db") == 0
    assert tokens(clean) == tokens(settings)


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_what_cannot_be_is_said(settings, tmp_path, capsys, command):
    (tmp_path / "no.db").write_text("not a database")
    assert run(settings, command, tmp_path / "no.db") == 1
    assert "no.db" in capsys.readouterr().err


def test_a_key_is_changed_and_the_old_one_taken_out_later(settings, capsys):
    old = settings.secret_key_file.read_text()
    before = tokens(settings)
    assert run(settings, "rotate-key") == 0
    assert "--remove-old" in capsys.readouterr().out
    assert settings.secret_key_file.read_text().endswith(old)
    assert tokens(settings) == before
    assert run(settings, "rotate-key", remove_old=True) == 0
    assert old.strip() not in settings.secret_key_file.read_text()
    assert tokens(settings) == before


def test_two_rotations_take_turns(settings, capsys):
    with storage_care._alone(settings):
        assert run(settings, "rotate-key") == 1
    assert "another rotation" in capsys.readouterr().err


def test_a_key_file_that_cannot_be_changed_is_78(settings, monkeypatch, capsys):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert run(settings, "rotate-key") == 78
    assert "nothing was changed" in capsys.readouterr().err
    monkeypatch.undo()
    assert len(tokens(settings)) == 5
