"""`import` and `export` as processes and with a terminal played by the test."""

import argparse
import os
import pty
import sys
from functools import partial
from pathlib import Path

import pytest

import db
from core.settings import Settings
from supervisor import moving_accounts, terminal
from tests.core.test_account_import import token
from tests.running_mirror import serve

ROOT = Path(__file__).parents[2]
FILES = ROOT / "tests" / "data" / "import"
ADMIN_PASSWORD = "correct horse 12"


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data", admin_password=ADMIN_PASSWORD)


def asked(command, **more):
    defaults = {"file": None, "yes": False, "dry_run": False, "format": "json"}
    return argparse.Namespace(command=command, **(defaults | more))


def accounts(settings):
    db.open_database(settings)
    try:
        return db.load_accounts()
    finally:
        db.close_database()


def test_a_dry_run_keeps_nothing(settings, capsys):
    source = str(FILES / "plain_lines_with_dirt.txt")
    assert moving_accounts.run(asked("import", file=source, dry_run=True), settings) == 0
    assert "to be added: 7" in capsys.readouterr().out
    assert accounts(settings) == []


@pytest.mark.parametrize(("answer", "kept"), [(True, 7), (False, 0)])
def test_the_operator_is_asked(settings, monkeypatch, answer, kept):
    monkeypatch.setattr(moving_accounts, "ask", lambda question, own_input: answer)
    source = str(FILES / "plain_lines_with_dirt.txt")
    assert moving_accounts.run(asked("import", file=source), settings) == (0 if answer else 1)
    assert len(accounts(settings)) == kept


def test_yes_is_not_asked(settings, monkeypatch):
    monkeypatch.setattr(moving_accounts, "ask", lambda *a, **k: pytest.fail("asked"))
    source = str(FILES / "cookies.txt")
    assert moving_accounts.run(asked("import", file=source, yes=True), settings) == 0
    again = moving_accounts.run(asked("import", file=source), settings)
    assert again == 0, "what is there already needs no question"


def test_a_source_without_an_account_is_1(settings, tmp_path, capsys):
    (tmp_path / "x").write_text("nothing here")
    assert moving_accounts.run(asked("import", file=str(tmp_path / "x")), settings) == 1
    assert moving_accounts.run(asked("import", file=str(tmp_path / "gone")), settings) == 1
    assert "gone" in capsys.readouterr().err


@pytest.mark.parametrize("format_", ["json", "txt", "csv"])
def test_an_export_is_closed_to_others_and_never_replaces_a_file(
    settings, tmp_path, monkeypatch, capsys, format_
):
    monkeypatch.setattr(moving_accounts, "read_password", lambda question: ADMIN_PASSWORD)
    moving_accounts.run(asked("import", file=str(FILES / "cookies.txt"), yes=True), settings)
    out = tmp_path / f"out.{format_}"
    export = asked("export", file=str(out), format=format_)
    assert moving_accounts.run(export, settings) == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert (token(1) in out.read_text()) == (format_ != "csv")
    assert moving_accounts.run(export, settings) == 1
    assert "out" in capsys.readouterr().err


def test_an_export_wants_the_password(settings, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(moving_accounts, "read_password", lambda question: "wrong")
    assert moving_accounts.run(asked("export", file=str(tmp_path / "out")), settings) == 1
    assert "wrong password" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_answer_is_read_at_a_terminal(monkeypatch):
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r") as standard_input:
        monkeypatch.setattr(sys, "stdin", standard_input)
        for said, meant in (
            (b"y\n", True),
            (b"n\n", False),
            (b"\n", False),
            ("是\n".encode(), True),
        ):
            os.write(ours, said)
            assert terminal.ask("? ") is meant
    os.close(ours)


@pytest.mark.loop
def test_in_a_pipe_it_goes_ahead(tmp_path):
    environ = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
    }

    run = partial(serve, environ, folder=tmp_path, seconds=30)
    done = run("import", "-", said=f"{token(1)}\n")
    assert (done.returncode, "added: 1" in done.stdout) == (0, True), done.stderr
    wrong = run("export", "--format", "txt", "out.txt", said="wrong password\n")
    assert wrong.returncode == 1
    done = run("export", "--format", "txt", "out.txt", said=f"{ADMIN_PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.txt").read_text() == f"{token(1)}\n"
    assert token(1) not in done.stdout + done.stderr
