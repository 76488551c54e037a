"""The command line: reads the settings, then hands over to the part that does the work.

What a command does is imported only when it is asked for, so that `health` stays cheap.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from core import VERSION
from core.settings import EX_CONFIG, Settings, SettingsError, load_environ
from supervisor import banner
from supervisor.key_arguments import add_key_commands
from supervisor.people_arguments import add_people_commands
from supervisor.versions import too_old

_WORKERS = {
    "user": "supervisor.people",
    "pool": "supervisor.people",
    "invite": "supervisor.people",
    "key": "supervisor.keys",
    "admin-password": "supervisor.people",
    "import": "supervisor.moving_accounts",
    "export": "supervisor.moving_accounts",
    "backup": "supervisor.storage_care",
    "restore": "supervisor.storage_care",
    "rotate-key": "supervisor.storage_care",
    "doctor": "supervisor.doctor",
    "audit-isolation": "supervisor.isolation_audit",
}


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line, `serve` when it is empty."""
    parser = argparse.ArgumentParser(prog="serve.py", description="Grok Mirror")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help="启动服务 / run the mirror (default)")
    demo = commands.add_parser("demo", help="本地演示，无需账号 / a local demo, no account needed")
    demo.add_argument("--port", type=_port, help="固定端口 / this port and no other")
    add_people_commands(commands)
    add_key_commands(commands)
    _add_account_commands(commands)
    _add_storage_commands(commands)
    commands.add_parser("admin-password", help="重置管理密码 / make a new admin password")
    _add_doctor_command(commands)
    _add_audit_command(commands)
    commands.add_parser("health", help="健康检查 / exit 0 when the mirror answers")
    commands.add_parser("version", help="版本 / print versions")
    return parser.parse_args(arguments or ["serve"])


def _add_account_commands(commands: Any) -> None:  # noqa: ANN401
    importing = commands.add_parser(
        "import", help="导入账号（格式自动识别） / import accounts, whatever the format"
    )
    importing.add_argument("file", metavar="FILE", help="文件，- 为标准输入 / a file, - for stdin")
    importing.add_argument("--yes", action="store_true", help="不询问 / do not ask")
    importing.add_argument("--dry-run", action="store_true", help="只预览 / preview only")
    exporting = commands.add_parser(
        "export", help="导出账号（需管理密码） / export accounts; asks for the admin password"
    )
    exporting.add_argument("--format", choices=("json", "txt", "csv"), default="json")
    exporting.add_argument(
        "file", metavar="FILE", nargs="?", help="新文件，权限 0600 / a new file, mode 0600"
    )


def _add_storage_commands(commands: Any) -> None:  # noqa: ANN401
    copying = commands.add_parser(
        "backup", help="备份数据库（不含密钥，可在运行时） / copy the database, even while it runs"
    )
    copying.add_argument(
        "file", metavar="FILE", nargs="?", help="默认在 DATA_DIR/backups / else in DATA_DIR/backups"
    )
    restoring = commands.add_parser("restore", help="恢复备份（须先停止） / put a copy back")
    restoring.add_argument("file", metavar="FILE")
    restoring.add_argument("--dry-run", action="store_true", help="只检查 / only look into it")
    restoring.add_argument("--yes", action="store_true", help="不询问 / do not ask")
    rotating = commands.add_parser(
        "rotate-key", help="更换加密密钥（可在运行时） / change the key that seals secrets"
    )
    rotating.add_argument(
        "--remove-old", action="store_true", help="移除旧密钥 / take the older keys out"
    )


def _add_doctor_command(commands: Any) -> None:  # noqa: ANN401
    doctor = commands.add_parser("doctor", help="诊断：逐项检查 / find out what is wrong")
    doctor.add_argument(
        "--ask",
        action="store_true",
        help="另做一次临时提问，消耗一次额度 / ask one question too, which uses up one",
    )
    doctor.add_argument("--json", action="store_true", help="供程序读取 / for machines")
    doctor.add_argument(
        "--seconds", type=_seconds, default=60, help="总时限 / the time for all of it (60)"
    )


def _add_audit_command(commands: Any) -> None:  # noqa: ANN401
    audit = commands.add_parser(
        "audit-isolation",
        help="隔离审计：以一人之名尝试另一人的一切 / try what is one user's as another",
    )
    audit.add_argument(
        "--as", dest="asker", default="", metavar="USER", help="由谁尝试 / who tries"
    )
    audit.add_argument(
        "--against",
        default="",
        metavar="USER",
        help="试谁的；两者都省略时临时建两人 / whose; without both, two are made for it",
    )
    audit.add_argument(
        "--make",
        action="store_true",
        help="先让对方临时提问一次，消耗一次额度 / let the other ask first, which uses up one",
    )
    audit.add_argument("--json", action="store_true", help="供程序读取 / for machines")


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit code."""
    asked = parse_arguments(arguments)
    if asked.command != "doctor" and (problems := too_old()):
        banner.complain(banner.problem_list("运行环境过旧", "The environment is too old", problems))
        return EX_CONFIG
    if asked.command == "version":
        return _version()
    try:
        environ = load_environ()
        settings = Settings.from_environ(environ)
        return _run(asked, settings, environ)
    except SettingsError as wrong:
        banner.complain(banner.problem_list("配置有误", "Wrong settings", wrong.problems))
        return EX_CONFIG
    except KeyboardInterrupt:
        return 0


def _run(asked: argparse.Namespace, settings: Settings, environ: dict[str, str]) -> int:
    if asked.command == "health":
        return int(import_module("supervisor.health").run(settings))
    if asked.command in _WORKERS:
        return int(import_module(_WORKERS[asked.command]).run(asked, settings))
    for warning in settings.warnings:
        banner.complain(f"注意 / note: {warning}")
    serving = import_module("supervisor.serving")
    try:
        if asked.command == "demo":
            return int(import_module("supervisor.demo").run(settings, environ, asked.port))
        return int(serving.run(settings, environ))
    except serving.CannotStartError as reason:
        banner.complain(str(reason))
        return int(reason.code)


def _version() -> int:
    python = ".".join(map(str, sys.version_info[:3]))
    parts = ", ".join(f"{name} {metadata.version(name)}" for name in ("mitmproxy", "flask", "h2"))
    banner.show(f"Grok Mirror {VERSION} (Python {python}, {parts})")
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("1–65535")
    return int(text)


def _seconds(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 600:
        raise argparse.ArgumentTypeError("1–600")
    return int(text)


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parent)
    sys.exit(main(sys.argv[1:]))
