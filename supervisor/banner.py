"""What the operator reads, in both languages: greetings, problems, the one-time password.

Chinese characters are two columns wide on a terminal, so boxes are drawn by columns.
"""

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TextIO

from core.settings import Settings
from supervisor.readiness import authority, reachable


def show(text: str) -> None:
    """To stdout."""
    _write(sys.stdout, text)


def complain(text: str) -> None:
    """To stderr."""
    _write(sys.stderr, text)


def problem_list(title_zh: str, title_en: str, problems: Iterable[str]) -> str:
    """A heading in both languages and one line a problem."""
    return "\n".join((f"{title_zh} / {title_en}:", *(f"  - {problem}" for problem in problems)))


def mirror_url(settings: Settings) -> str:
    """Where a browser finds the mirror."""
    scheme = "https" if settings.tls_cert_file else "http"
    return settings.host or f"{scheme}://{authority(reachable((settings.bind, settings.port)))}"


def api_url(settings: Settings) -> str:
    """What API clients take as their base URL."""
    return f"{mirror_url(settings)}{settings.mirror_api_prefix}/v1"


def admin_url(settings: Settings) -> str:
    """Where the operator finds the admin pages."""
    return f"http://{authority(reachable(settings.admin_bind))}"


def ready_banner(settings: Settings, front: str) -> str:
    """Everything answers."""
    rows = [
        ("镜像 Mirror", mirror_url(settings)),
        ("后台 Admin", admin_url(settings)),
        ("前端 Front", front),
    ]
    if settings.mitmweb_password:
        rows.append(("调试 mitmweb", f"http://{authority(reachable(settings.mitmweb_bind))}"))
    return f"\nGrok Mirror 已就绪 / is ready\n\n{table(rows)}\n\nCtrl-C 停止 / stops it\n"


def password_box(password: str) -> str:
    """The admin password, once."""
    return box(
        [
            "管理后台密码（只显示这一次，请保存）",
            "Admin password (shown this once; keep it)",
            "",
            f"    {password}",
        ]
    )


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Names and values in two columns."""
    width = max(columns(name) for name, _ in rows)
    return "\n".join(f"  {name}{' ' * (width - columns(name))}  {value}" for name, value in rows)


def box(lines: Sequence[str]) -> str:
    """Lines in a frame."""
    width = max(map(columns, lines))
    body = (f"│ {line}{' ' * (width - columns(line))} │" for line in lines)
    edge = "─" * (width + 2)
    return "\n".join((f"┌{edge}┐", *body, f"└{edge}┘"))


def columns(text: str) -> int:
    """How wide a terminal draws it."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _write(stream: TextIO, text: str) -> None:
    # A closed terminal or a full disk under a redirected log must not stop the service.
    try:
        stream.write(text + "\n")
        stream.flush()
    except (OSError, ValueError):
        return
