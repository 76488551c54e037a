"""What the commands say about an import."""

import db
from admin import account_commands as commands
from core.account_import import recognise
from core.settings import Settings
from tests.admin.conftest import TOKEN

SOURCE = f"# comment\n{TOKEN % 1}\n\nsso={TOKEN % 2}; sso-rw=x\r\n{TOKEN % 1}\nSECRETGARBAGE"


def test_a_preview_names_lines_and_repeats_nothing(settings: Settings) -> None:
    text, report = commands.preview(recognise(SOURCE))
    assert "新增 / to be added: 2" in text
    assert "重复 / duplicate: 1" in text
    assert "第 6 行 / line 6: 无效 / malformed: 不是 SSO 令牌" in text
    assert "SECRET" not in text.replace("secret%04d", "")
    assert report.would_change
    assert db.load_accounts() == []


def test_a_result_counts(settings: Settings) -> None:
    text = commands.result(db.import_accounts(recognise(SOURCE).findings))
    assert text.startswith("新增 / added: 2  更新 / updated: 0  重复 / duplicate: 1")


def test_many_problems_are_cut(settings: Settings) -> None:
    text, _ = commands.preview(recognise("garbage\n" * 60))
    assert text.endswith("… 10")


def test_an_export_is_counted(settings: Settings) -> None:
    db.import_accounts(recognise(SOURCE).findings)
    text, count = commands.exported("txt")
    assert (text, count) == (f"{TOKEN % 1}\n{TOKEN % 2}\n", 2)
