"""Finds nginx, asks what it can do, lays out its private folder and tries the configuration.

Nothing outside that folder is touched, as root or not.
"""

import grp
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.error_page import html_page, json_error
from core.refusals import BAD_REQUEST, BODY_TOO_LARGE, Refusal
from supervisor.front_plan import FrontPlan, NginxBuild
from supervisor.nginx_config import nginx_config

_PATH = "/usr/local/sbin:/usr/sbin:/sbin:/opt/homebrew/bin:/usr/local/bin:/usr/bin"
_ANSWERS_WITHIN = 10
_TEMP_MODULES = ("http_fastcgi", "http_uwsgi", "http_scgi")

_AWAY = Refusal(
    502, "mirror_starting",
    "服务暂时不可用", "The mirror is briefly away",
    "可能正在重启，请几秒后刷新。", "It is probably restarting; reload in a few seconds.",
)  # fmt: skip
_URL_TOO_LONG = Refusal(
    414, "url_too_long",
    "网址过长", "The address is too long",
    "请检查链接后重试。", "Check the link and try again.",
)  # fmt: skip
_TOO_MANY = Refusal(
    429, "too_many_connections",
    "同时打开的连接过多", "Too many connections at once",
    "请关闭一些页面后重试。", "Close some pages and try again.",
)  # fmt: skip
PAGES = (BAD_REQUEST, BODY_TOO_LARGE, _URL_TOO_LONG, _TOO_MANY, _AWAY)


class FrontError(Exception):
    """nginx cannot stand in front; the text says why."""


@dataclass(frozen=True, slots=True)
class Nginx:
    """An nginx that runs on this machine."""

    binary: str
    build: NginxBuild

    def argv(self, runtime_dir: Path) -> tuple[str, ...]:
        """The command that serves with our configuration only."""
        early = ("-e", "stderr") if self.build.logs_early_to_stderr else ()
        config = str(runtime_dir / "nginx.conf")
        return (self.binary, "-p", str(runtime_dir), *early, "-c", config, "-g", "daemon off;")


def find_nginx(search: str | None = None) -> Nginx | None:
    """The installed nginx, or None."""
    binary = shutil.which("nginx", path=search) or (
        shutil.which("nginx", path=_PATH) if search is None else None
    )
    if binary is None:
        return None
    try:
        answer = _ask((binary, "-V"))
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Nginx(binary, read_build(answer.stderr)) if answer.returncode == 0 else None


def read_build(text: str) -> NginxBuild:
    """What `nginx -V` says about itself."""
    version = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", text)
    numbers = tuple(map(int, version.groups())) if version else (0, 0, 0)
    present = {name for name in _TEMP_MODULES if f"--without-{name}_module" not in text}
    return NginxBuild(version=numbers, modules=frozenset(present))


def worker_user(runtime_dir: Path) -> str | None:
    """Under root the workers get an account without rights, if it can reach their folder."""
    if os.geteuid() != 0:
        return None
    if not all(parent.stat().st_mode & 0o001 for parent in runtime_dir.resolve().parents):
        return "root"
    try:
        nobody = pwd.getpwnam("nobody")
        return f"nobody {grp.getgrgid(nobody.pw_gid).gr_name}"
    except KeyError:
        return "root"


def write_front(nginx: Nginx, plan: FrontPlan) -> None:
    """Fill the folder and let nginx check it, or raise FrontError."""
    try:
        text = nginx_config(plan)
    except ValueError as problem:
        raise FrontError(str(problem)) from problem
    if plan.worker_user and plan.worker_user != "root":
        plan.runtime_dir.chmod(0o711)  # the workers pass through; the names stay unlisted
    _write_pages(plan.runtime_dir / "pages" / "front-error")
    config = plan.runtime_dir / "nginx.conf"
    config.touch(mode=0o600)
    config.write_text(text)
    _check(nginx, plan.runtime_dir)


def front_environment() -> Mapping[str, str]:
    """Nginx needs nothing of ours, so it gets no secret to lose."""
    return {"PATH": _PATH}


def _check(nginx: Nginx, runtime_dir: Path) -> None:
    try:
        answer = _ask((*nginx.argv(runtime_dir), "-t"))
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise FrontError(f"nginx does not run: {problem}") from problem
    if answer.returncode != 0:
        complaints = [line for line in answer.stderr.splitlines() if "[emerg]" in line]
        raise FrontError("; ".join(complaints) or "nginx refuses its configuration")


def _ask(argv: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - a fixed command line, no shell
        argv,
        env=front_environment(),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_ANSWERS_WITHIN,
        check=False,
    )


def _write_pages(folder: Path) -> None:
    folder.mkdir(parents=True)
    for parent in (folder, folder.parent):
        parent.chmod(0o755)
    for refusal in PAGES:
        html = html_page(refusal, "", chinese=True)
        for suffix, content in (("html", html), ("json", json_error(refusal, ""))):
            page = folder / f"{refusal.status}.{suffix}"
            page.write_bytes(content)
            page.chmod(0o644)
