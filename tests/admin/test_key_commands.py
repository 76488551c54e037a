"""`key …` on the command line: shown once, listed masked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import db
from admin import key_commands as commands
from admin.key_commands import KeyWishes
from admin.user_commands import CommandError
from core.settings import Settings
from serve import main, parse_arguments

BASE = "http://127.0.0.1:8080/v1"


@pytest.fixture
def _opened(tmp_path: Path) -> Iterator[None]:
    db.open_database(Settings(data_dir=tmp_path))
    yield
    db.close_database()


pytestmark = pytest.mark.usefixtures("_opened")


def text_of(shown: str) -> str:
    return shown.splitlines()[0].rpartition(" ")[2]


def test_a_key_is_shown_once() -> None:
    shown = commands.add_key("ci", KeyWishes(models="grok-4", per_minute=5), base_url=BASE)
    text = text_of(shown)
    assert db.find_api_key(text)
    assert BASE in shown
    assert "models grok-4, rpm 5" in shown
    listed = commands.list_keys()
    assert text not in listed
    assert text[:9] in listed


def test_a_key_is_switched_off_on_rotated_and_deleted() -> None:
    old = text_of(commands.add_key("ci", KeyWishes(), base_url=BASE))
    assert "ci" in commands.disable_key("ci")
    assert " off " in commands.list_keys()
    commands.enable_key("1")
    new = text_of(commands.rotate_key("ci", base_url=BASE))
    assert new != old
    assert db.find_api_key(old) is None
    commands.delete_key("ci")
    assert "no keys" in commands.list_keys()


def test_mistakes_are_named() -> None:
    commands.add_key("ci", KeyWishes(), base_url=BASE)
    for mistake in (
        lambda: commands.add_key("ci", KeyWishes(), base_url=BASE),
        lambda: commands.add_key("", KeyWishes(), base_url=BASE),
        lambda: commands.add_key("x", KeyWishes(expires="soon"), base_url=BASE),
        lambda: commands.add_key("x", KeyWishes(allow=["nowhere"]), base_url=BASE),
        lambda: commands.disable_key("other"),
    ):
        with pytest.raises(CommandError):
            mistake()


def test_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    line = "key add ci --models grok-4,grok-3* --rpm 9 --concurrency 2 --day-limit 100"
    line += " --month-limit 900 --expires 30d --allow 10.0.0.0/8 --allow ::1"
    assert main(line.split()) == 0
    assert main(["key", "list"]) == 0
    printed = capsys.readouterr().out
    for part in ("grok-4 grok-3*", "rpm 9", "concurrency 2", "day-limit 100", "::1/128"):
        assert printed.count(part) == 2
    assert main(["key", "delete", "nobody"]) == 1
    with pytest.raises(SystemExit):
        parse_arguments(["key", "add", "x", "--rpm", "-1"])
