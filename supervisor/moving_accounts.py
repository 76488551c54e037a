"""`import` and `export`: files, the terminal and exit codes; what is said is the admin's.

An import without a terminal to ask at goes ahead, as scripts expect; it deletes nothing.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import db
from admin import account_commands
from core.account_import import Outcome
from core.settings import EX_CONFIG, Settings
from supervisor import banner
from supervisor.terminal import ask, read_password, tell_progress

_WARNING = "文件含有 SSO 令牌，用完请删除 / it holds the SSO tokens; delete it after use"
_LARGEST = 64 * 1024 * 1024


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """0 when something was, or would be, imported or there already; 1 when nothing could be."""
    work: Callable[[argparse.Namespace, Settings], int]
    work = _import if asked.command == "import" else _export
    try:
        db.open_database(settings)
        return work(asked, settings)
    except db.CannotOpenError as problem:
        banner.complain(f"无法使用数据库 / cannot use the database: {problem}")
        return EX_CONFIG
    except (db.StorageError, OSError, ValueError) as problem:
        banner.complain(str(problem))
        return 1
    finally:
        db.close_database()


def _import(asked: argparse.Namespace, _: Settings) -> int:
    recognised = db.recognise_accounts(_read(asked.file))
    text, report = account_commands.preview(recognised)
    banner.show(text)
    if not report.would_change or asked.dry_run:
        return 0 if report.would_change or report.count(Outcome.DUPLICATE) else 1
    if not asked.yes and not ask("导入吗？ / Import? [y/N] ", own_input=asked.file != "-"):
        banner.show("已取消，什么都没有写入 / cancelled; nothing was kept")
        return 1
    banner.show(
        account_commands.result(
            db.import_accounts(recognised.findings, tell_progress("导入 / importing"))
        )
    )
    return 0


def _export(asked: argparse.Namespace, settings: Settings) -> int:
    if not db.is_admin_password(settings, read_password("管理密码 / admin password: ")):
        raise ValueError("密码不对 / wrong password")
    text, count = account_commands.exported(asked.format)
    file = Path(asked.file or time.strftime(f"grok-mirror-accounts-%Y%m%d-%H%M%S.{asked.format}"))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
        out.write(text)
    banner.show(f"已导出 / exported: {count}  {file.resolve()}")
    if asked.format != "csv":
        banner.complain(
            "此文件含有 SSO 令牌，用完请删除 / the file holds SSO tokens; delete it after use"
        )
    return 0


def _read(file: str) -> bytes:
    if file == "-":
        data = sys.stdin.buffer.read(_LARGEST + 1)
    else:
        with Path(file).open("rb") as source:
            data = source.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError("文件大于 64 MiB，请分批 / larger than 64 MiB; split it")
    return data
