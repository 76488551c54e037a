"""`serve`: from settings to a running system, and back to an exit code.

Everything that can be wrong is looked for before the first child starts.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import db
from core.mirror_config import ConfigError
from core.settings import EX_CONFIG, Settings
from supervisor import banner
from supervisor.cast_list import (
    front_plan,
    front_spec,
    mitmweb_specs,
    proxy_specs,
    secrets_of,
    sidecar_spec,
)
from supervisor.children import ChildSpec
from supervisor.data_lock import DataFolderError, DataLock
from supervisor.front import FrontError, Nginx, find_nginx, write_front
from supervisor.listeners import problems_with
from supervisor.log_lines import LogLines
from supervisor.process_limits import harden_process
from supervisor.redaction import Redactor
from supervisor.running_note import running_note
from supervisor.supervising import Supervisor
from supervisor.wiring import Layout, plan_layout

_PATIENCE = 1.0


class CannotStartError(Exception):
    """The system must not start; the text is for the operator."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All that is decided about a run before it starts."""

    settings: Settings
    layout: Layout
    specs: tuple[ChildSpec, ...]
    front: str


type Greeting = Callable[[Run], None]


def run(settings: Settings, environ: Mapping[str, str]) -> int:
    """Serve until told to stop."""
    harden_process()
    with data_folder(settings), database(settings):
        # Shown before anything can fail: it is stored by now and cannot be read again.
        if password := db.ensure_admin_password(settings):
            banner.complain(banner.password_box(password))
        db.close_database()
        return serve(settings, environ, _greet)


def serve(settings: Settings, environ: Mapping[str, str], greeting: Greeting) -> int:
    """Start the children and stay; the database is prepared and closed by now."""
    check_ports(settings)
    with _runtime_folder() as folder:
        return asyncio.run(_supervise(_plan(settings, environ, folder), greeting))


@contextmanager
def data_folder(settings: Settings) -> Iterator[None]:
    """Hold the data folder for as long as the block runs."""
    try:
        lock = DataLock.take(settings.data_dir)
    except DataFolderError as problem:
        raise CannotStartError(str(problem)) from problem
    try:
        yield
    finally:
        lock.release()


@contextmanager
def database(settings: Settings) -> Iterator[None]:
    """Migrate once, here, so that the children find everything done."""
    try:
        db.open_database(settings)
        yield
    except db.CannotOpenError as problem:
        heading = banner.problem_list("无法使用数据库", "Cannot use the database", [str(problem)])
        raise CannotStartError(heading, EX_CONFIG) from problem
    except db.StorageError as problem:
        raise CannotStartError(f"数据库暂不可用 / the database is away: {problem}") from problem
    finally:
        db.close_database()


def check_ports(settings: Settings) -> None:
    """Raise CannotStartError naming each port that cannot be had."""
    wanted = [("PORT / BIND", (settings.bind, settings.port)), ("ADMIN_BIND", settings.admin_bind)]
    if settings.mitmweb_password:
        wanted.append(("MITMWEB_BIND", settings.mitmweb_bind))
    if problems := problems_with(wanted):
        raise CannotStartError(banner.problem_list("无法启动", "Cannot start", problems))


def _plan(settings: Settings, environ: Mapping[str, str], folder: Path) -> Run:
    nginx = find_nginx() if settings.front == "auto" else None
    if nginx is not None:
        try:
            return _behind_front(settings, environ, nginx, folder)
        except FrontError as problem:
            _insist_on_front(settings, problem)
    return _without_front(settings, environ, folder)


def _behind_front(
    settings: Settings, environ: Mapping[str, str], nginx: Nginx, folder: Path
) -> Run:
    layout = plan_layout(settings, behind_front=True, folder=folder)
    try:
        plan = front_plan(settings, layout, nginx, folder)
    except ConfigError as problem:
        text = banner.problem_list("配置文件有误", "mitm_config.yaml is wrong", problem.problems)
        raise CannotStartError(text, EX_CONFIG) from problem
    write_front(nginx, plan)
    specs = (*_inner_specs(settings, environ, layout), front_spec(nginx, plan))
    version = ".".join(map(str, nginx.build.version))
    return Run(settings=settings, layout=layout, specs=specs, front=f"nginx {version}")


def _without_front(settings: Settings, environ: Mapping[str, str], folder: Path) -> Run:
    if settings.proxy_workers > 1:
        banner.complain("PROXY_WORKERS：没有 nginx，只用 1 个进程 / 1 is used: there is no nginx")
    layout = plan_layout(settings, behind_front=False, folder=folder)
    specs = _inner_specs(settings, environ, layout)
    return Run(settings=settings, layout=layout, specs=specs, front="无 none")


def _inner_specs(
    settings: Settings, environ: Mapping[str, str], layout: Layout
) -> tuple[ChildSpec, ...]:
    """All but the front."""
    return (
        *proxy_specs(settings, environ, layout),
        sidecar_spec(environ, layout),
        *mitmweb_specs(environ, layout),
    )


def _insist_on_front(settings: Settings, problem: FrontError) -> None:
    """Go on without it only where it is a convenience."""
    text = f"nginx 无法使用 / cannot be used: {problem}"
    if settings.tls_cert_file or settings.proxy_workers > 1:
        raise CannotStartError(f"{text}\n  FRONT=off 可停用 / switches it off") from problem
    banner.complain(f"{text}\n  不使用它继续 / going on without it")


async def _supervise(run: Run, greeting: Greeting) -> int:
    redactor = Redactor(secrets_of(run.settings, run.layout.secret))
    supervisor = Supervisor(run.specs, lambda name: LogLines(name, redactor, banner.complain))
    waiting = asyncio.get_running_loop().call_later(_PATIENCE, _ask_for_patience)

    def ready() -> None:
        waiting.cancel()
        greeting(run)

    with running_note(run.settings.data_dir, run.layout.of_sidecar()):
        return await supervisor.run(ready)


def _ask_for_patience() -> None:
    if sys.stderr.isatty():
        banner.complain("正在启动… / starting…")


def _greet(ready: Run) -> None:
    banner.show(banner.ready_banner(ready.settings, ready.front))


@contextmanager
def _runtime_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="grok-mirror-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
