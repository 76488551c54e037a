"""The words of `serve.py key …`; what they do is `supervisor.keys`, loaded only when asked for."""

import argparse
from collections.abc import Callable
from typing import Any

_ACTIONS = (
    ("disable", "停用 / switch off"),
    ("enable", "恢复 / switch on"),
    ("rotate", "换新密钥，规则不变 / a new secret under the same rules"),
    ("delete", "删除 / forget it"),
)


def add_key_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not export the type
    """Teach the parser `key` and its actions."""
    key = commands.add_parser("key", help="API 密钥 / API keys")
    actions = key.add_subparsers(dest="action", metavar="ACTION", required=True)
    adding = actions.add_parser("add", help="新建密钥，只显示一次 / make a key, shown once")
    adding.add_argument("name", metavar="NAME")
    for option, kind, explained in _OPTIONS:
        adding.add_argument(option, type=kind, help=explained)
    adding.add_argument(
        "--allow", action="append", default=[], metavar="CIDR", help="来源地址 / from where"
    )
    actions.add_parser("list", help="列出密钥与用量 / list keys and their use")
    for name, explained in _ACTIONS:
        actions.add_parser(name, help=explained).add_argument("name", metavar="NAME")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise argparse.ArgumentTypeError("0–999999999")
    return int(text)


_OPTIONS: tuple[tuple[str, Callable[[str], object], str], ...] = (
    ("--user", str, "属于此用户：受其限制，计入其用量 / whose it is: his limits hold for it too"),
    ("--pools", str, "只用这些号池的账号 / only accounts of these pools"),
    ("--models", str, "允许的模型，可用 * / models allowed, * stands for any rest"),
    ("--rpm", _count, "每分钟请求数 / calls a minute"),
    ("--concurrency", _count, "并发数 / calls at the same time"),
    ("--day-limit", _count, "每日次数（UTC） / calls a day (UTC)"),
    ("--month-limit", _count, "每月次数（UTC） / calls a month (UTC)"),
    ("--expires", str, "30d、12h 或 2027-01-31 / 30d, 12h or 2027-01-31"),
)
