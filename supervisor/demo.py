"""`demo`: the whole mirror on this machine, over the stand-in or over the user's own double.

The stand-in's demo touches nothing of an existing installation: its data folder is fresh, and
what `.env` says about egresses, addresses and databases does not count.
"""

import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import db
from core.settings import Settings
from core.sso_token import PastedAccount
from supervisor import banner
from supervisor.cast_list import ROOT
from supervisor.listeners import Address, next_free
from supervisor.process_limits import harden_process
from supervisor.serving import CannotStartError, Run, data_folder, database, serve
from supervisor.stand_in import Announcement, StandInError, stand_in

USER = "demo"
_LINK_LASTS = 24 * 3600.0
_NOT_FOR_A_DEMO = (
    *("HOST", "DATABASE_URL", "PROXY_URL_POOL", "SECRET_KEY_FILE"),
    *("TLS_CERT_FILE", "TLS_KEY_FILE", "TRUSTED_PROXIES"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What opens the demo; shown once in the banner."""

    password: str = field(repr=False)
    link: str = field(repr=False)
    admin_password: str | None = field(repr=False)
    api_key: str = field(repr=False)


def run(settings: Settings, environ: Mapping[str, str], port: int | None) -> int:
    """Show the mirror until Ctrl-C."""
    harden_process()
    with ExitStack() as held:
        upstream = None if settings.grok_connect_to else held.enter_context(_upstream())
        base = None if settings.grok_connect_to else held.enter_context(_fresh_folder(environ))
        api_key = next(iter(settings.authorization), "") or f"sk-demo-{secrets.token_urlsafe(18)}"
        changed = {
            **environ,
            **_on_loopback(settings, port),
            **_before(upstream, base),
            "AUTHORIZATION": ",".join(settings.authorization) or api_key,
        }
        settings = Settings.from_environ(changed)
        with data_folder(settings), database(settings):
            keys = _prepare(settings, upstream, api_key)
            db.close_database()
            return serve(settings, changed, lambda ready: _greet(ready, keys))


@contextmanager
def _upstream() -> Iterator[Announcement]:
    try:
        with (
            tempfile.TemporaryDirectory(prefix="grok-mirror-standin-") as folder,
            stand_in(Path(folder), ROOT) as announcement,
        ):
            yield announcement
    except StandInError as problem:
        raise CannotStartError(str(problem)) from problem


@contextmanager
def _fresh_folder(environ: Mapping[str, str]) -> Iterator[Path]:
    """A named DATA_DIR is honoured, but never its own files: real accounts may be in them."""
    if named := environ.get("DATA_DIR"):
        yield Path(named) / "demo"
        return
    with tempfile.TemporaryDirectory(
        prefix="grok-mirror-demo-", ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def _on_loopback(settings: Settings, port: int | None) -> dict[str, str]:
    wanted = ("127.0.0.1", port or settings.port)
    mirror = wanted if port else _or_next(wanted, ())
    _, admin_port = _or_next(("127.0.0.1", settings.admin_bind[1]), (mirror,))
    return {
        "BIND": mirror[0],
        "PORT": str(mirror[1]),
        "ADMIN_BIND": f"127.0.0.1:{admin_port}",
    }


def _or_next(wanted: Address, taken: tuple[Address, ...]) -> Address:
    free = next_free(wanted, taken)
    if free != wanted:
        banner.show(f"端口 {wanted[1]} 已被占用，改用 {free[1]} / is in use; using {free[1]}")
    return free


def _before(upstream: Announcement | None, folder: Path | None) -> dict[str, str]:
    if upstream is None or folder is None:
        return {}
    return {
        **dict.fromkeys(_NOT_FOR_A_DEMO, ""),
        "DATA_DIR": str(folder),
        "GROK_CONNECT_TO": f"*:443=127.0.0.1:{upstream.port}",
        "GROK_CA_FILE": str(upstream.ca_file),
    }


def _prepare(settings: Settings, upstream: Announcement | None, api_key: str) -> Keys:
    for account in upstream.accounts if upstream else ():
        db.add_account(PastedAccount(sso_token=account["sso"]), name=account["name"])
    user = db.ensure_user(USER)
    password = secrets.token_urlsafe(9)
    db.set_password(user.id, password)
    token = db.make_link(user.id, time.time(), _LINK_LASTS)
    return Keys(
        password=password,
        link=f"{banner.mirror_url(settings)}/-/link/{token}",
        admin_password=_admin_password(settings, own_folder=upstream is not None),
        api_key=api_key,
    )


def _admin_password(settings: Settings, *, own_folder: bool) -> str | None:
    fresh = db.ensure_admin_password(settings)
    if fresh or settings.admin_password or not own_folder:
        return fresh
    return db.renew_admin_password()  # a second demo in the same folder


def _greet(ready: Run, keys: Keys) -> None:
    mirror = banner.mirror_url(ready.settings)
    rows = [
        ("镜像 Mirror", mirror),
        ("一键登录 Sign in", keys.link),
        ("用户 User", f"{USER}    密码 password  {keys.password}"),
        ("后台 Admin", banner.admin_url(ready.settings)),
        ("管理密码 Password", keys.admin_password or "（已设置 / as set before）"),
    ]
    banner.show(f"\nGrok Mirror 演示已就绪 / the demo is ready\n\n{banner.table(rows)}\n")
    bridge = ready.settings.enable_mirror_api and (ROOT / "api_bridge" / "app.py").exists()
    banner.show(
        _curl(banner.api_url(ready.settings), keys.api_key)
        if bridge
        else f"  curl {mirror}/healthz"
    )
    banner.show("\nCtrl-C 停止 / stops it\n")


def _curl(base_url: str, api_key: str) -> str:
    return (
        f"  curl -N {base_url}/chat/completions \\\n"
        f"    -H 'Authorization: Bearer {api_key}' -H 'Content-Type: application/json' \\\n"
        '    -d \'{"model":"grok-latest","stream":true,'
        '"messages":[{"role":"user","content":"你好 hello"}]}\''
    )
