"""The words of `serve.py user …`, `pool …` and `invite …`; what they do is `supervisor.people`."""

import argparse
from pathlib import Path
from typing import Any

from core.conversation_files import FORMATS

_LIMIT = "N 或 none / N or none"
_EXPIRES = "30d、12h、2027-01-31 或 never / 30d, 12h, 2027-01-31 or never"
_RULES = (
    ("--day-limit", _LIMIT, "每日次数（UTC） / questions a day (UTC)"),
    ("--month-limit", _LIMIT, "每月次数（UTC） / questions a month (UTC)"),
    ("--modes", "auto,fast", "允许的模式，all 为全部 / modes allowed, all for every one"),
    ("--pools", "A,B", "号池，all 为全部账号 / pools, all for every account"),
)


def add_people_commands(commands: Any) -> None:  # noqa: ANN401 - argparse does not export the type
    """Teach the parser `user`, `pool` and `invite`, with their actions."""
    _add_user_commands(_actions(commands, "user", "用户管理 / users"))
    _add_pool_commands(_actions(commands, "pool", "号池 / pools of accounts"))
    _add_invite_commands(_actions(commands, "invite", "邀请码 / invitations"))


def _actions(commands: Any, name: str, explained: str) -> Any:  # noqa: ANN401
    parser = commands.add_parser(name, help=explained)
    return parser.add_subparsers(dest="action", metavar="ACTION", required=True)


def _add_user_commands(actions: Any) -> None:  # noqa: ANN401
    adding = _named(actions, "add", "新建用户 / make a user")
    adding.add_argument(
        "--password-stdin",
        action="store_true",
        help="从标准输入读取密码，否则自动生成 / read the password from stdin, else one is made",
    )
    _add_rules(adding)
    _named(actions, "password", "设置密码（从标准输入读取） / set a password, read from stdin")
    linking = _named(actions, "link", "登录链接 / a link that signs in")
    linking.add_argument(
        "--minutes", type=_minutes, default=1440, help="有效分钟数 / how long it lasts (1440)"
    )
    linking.add_argument("--uses", type=_uses, default=1, help="可用次数 / how often it works (1)")
    actions.add_parser("list", help="列出用户 / list users")
    _named(actions, "show", "用户详情与用量 / one user, what he may have and has used")
    _add_rules(_named(actions, "set", "设置用户 / say what a user may have"))
    _named(actions, "disable", "停用用户 / shut a user out")
    _named(actions, "enable", "恢复 / undo it")
    exporting = _named(
        actions, "export", "导出其对话（服务需在运行） / his conversations, as a ZIP file"
    )
    exporting.add_argument("file", metavar="FILE.zip", type=Path)
    exporting.add_argument("--format", choices=FORMATS, default="md", help="md")
    deleting = _named(actions, "delete", "删除用户 / forget a user")
    deleting.add_argument("--yes", action="store_true", help="不询问 / do not ask")


def _add_pool_commands(actions: Any) -> None:  # noqa: ANN401
    _named(actions, "add", "新建号池 / make a pool").add_argument("--note", default="")
    actions.add_parser("list", help="列出号池 / list pools")
    deleting = _named(actions, "delete", "删除号池 / forget a pool")
    deleting.add_argument(
        "--heir",
        metavar="POOL",
        help="使用者改用此号池 / those tied to it are tied to this one instead",
    )
    for action, explained in (
        ("put", "放入账号 / put accounts into it"),
        ("take", "移出账号 / take accounts out of it"),
    ):
        moving = _named(actions, action, explained)
        moving.add_argument(
            "accounts", metavar="ACCOUNT", nargs="*", help="名称或编号 / a name or number"
        )
        moving.add_argument("--tag", help="带此标签的账号 / the accounts with this tag")


def _add_invite_commands(actions: Any) -> None:  # noqa: ANN401
    making = actions.add_parser("make", help="新建邀请，只显示一次 / make one, shown once")
    making.add_argument("--uses", type=_uses, default=1, help="可注册人数 / how many may come (1)")
    making.add_argument("--expires", metavar="7d, 12h", help="有效时间 / how long it is open (7d)")
    making.add_argument("--stay", default="", metavar="30d", help="用户有效期 / how long they stay")
    for option, shape, explained in _RULES:
        making.add_argument(option, metavar=shape, help=explained)
    making.add_argument("--note", help="备注 / a note")
    actions.add_parser("list", help="列出邀请 / list invitations")
    ending = actions.add_parser("end", help="作废 / let nobody come by it any more")
    ending.add_argument("number", metavar="NUMBER")


def _named(actions: Any, action: str, explained: str) -> Any:  # noqa: ANN401
    parser = actions.add_parser(action, help=explained)
    parser.add_argument("name", metavar="NAME")
    return parser


def _add_rules(parser: Any) -> None:  # noqa: ANN401
    parser.add_argument("--expires", metavar=_EXPIRES, help="有效期 / until when")
    for option, shape, explained in _RULES:
        parser.add_argument(option, metavar=shape, help=explained)
    parser.add_argument("--note", help="备注 / a note")


def _minutes(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 60 * 24 * 30:
        raise argparse.ArgumentTypeError("1–43200")
    return int(text)


def _uses(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1000:
        raise argparse.ArgumentTypeError("1–1000")
    return int(text)
