"""The real proxy and the real sidecar as processes, before a stand-in."""

import asyncio
import contextlib
import http.client
import itertools
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import requests

import db
from addons import main
from core.account import Account
from core.api_key import KeyRules
from core.mirror_session import cookie_name
from core.settings import Settings
from core.sso_token import PastedAccount
from core.wiring import Wiring
from tests import breeder
from tests.breeder import Bred

ROOT = Path(__file__).parent.parent
ADMIN_PASSWORD = "a-long-admin-password"


_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
_PORTS = itertools.cycle(range(12_000 + 2_500 * _WORKER, 14_500 + 2_500 * _WORKER))


def free_port() -> int:
    """Below the ports that outgoing connections are given, so that none of them has it before
    somebody listens there; and from a stretch that no other worker's tests use."""
    for port in itertools.islice(_PORTS, 2_500):
        with contextlib.suppress(OSError), socket.socket() as sock:
            sock.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


@dataclass
class Person:
    """A signed-in user: his cookie, and a session that sends it."""

    user_id: int
    cookie: str
    http: requests.Session = field(default_factory=requests.Session)


@dataclass
class RunningMirror:
    url: str
    wiring: Wiring
    settings: Settings
    data_dir: Path
    log: Path
    processes: dict[str, Bred]
    account_ids: dict[str, int] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict, repr=False)

    def person(self, name: str, account: int | None = None) -> Person:
        """A user with a session, made in the database as the sign-in page would."""
        user = db.ensure_user(name)
        if account is not None:
            db.assign_account(user.id, account)
        cookie = db.start_session(user.id, time.time(), "tests")
        person = Person(user.id, cookie)
        person.http.trust_env = False
        person.http.verify = False  # where TLS ends in the proxy
        name = cookie_name(self.url.partition(":")[0])
        person.http.headers["cookie"] = f"{name}={cookie}"
        return person

    @contextlib.contextmanager
    def connection(self) -> Iterator[http.client.HTTPConnection]:
        """A connection of one's own, for requests that a client library would tidy up."""
        connection = http.client.HTTPConnection(*self.wiring.proxy_listen, timeout=10)
        try:
            yield connection
        finally:
            connection.close()

    def wait_for_accounts(self, number: int) -> None:
        """Until the proxy has read this many accounts: it looks once a second."""
        probe = self.person("probe")
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if probe.http.get(self.url + "/api/auth/session").status_code != 503:
                return
            time.sleep(0.1)
        raise AssertionError(f"{number} accounts were never seen")

    def start(self, name: str) -> None:
        """`addons` or `sidecar`, as the supervisor would."""
        environ = {**self.environ, **self.wiring.to_environ()}
        self.processes[name] = breeder.start(name, environ, self.log)

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> None:
        for process in self.processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def serve(
    environ: dict[str, str],
    *arguments: str,
    said: str | None = None,
    folder: Path = ROOT,
    seconds: float = 90,
) -> subprocess.CompletedProcess[str]:
    """A command of `serve.py` to its end, whatever that is, but for a traceback; `said` is what it
    reads."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "serve.py"), *arguments],
        cwd=folder,
        env=environ,
        input=said,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def wire(behind_front: bool = False) -> Wiring:
    """Free ports and a secret, as the supervisor would hand out."""
    ports = [("127.0.0.1", free_port()) for _ in range(3)]
    return Wiring(
        secret=secrets.token_hex(32),
        proxy_listen=ports[0],
        internal_listen=ports[1],
        sidecar_listen=ports[2],
        behind_front=behind_front,
    )


@contextlib.contextmanager
def running_mirror(
    data_dir: Path, environ: dict[str, str], *, with_sidecar: bool = False
) -> Iterator[RunningMirror]:
    """Start it, wait until it answers, stop it. `environ` holds settings (GROK_CONNECT_TO …)."""
    wiring = wire()
    admin = f"127.0.0.1:{free_port()}"
    values = _values(data_dir, wiring, {"ADMIN_BIND": admin, **environ})
    settings = Settings.from_environ(values)
    mirror = RunningMirror(
        _url(wiring, settings), wiring, settings, data_dir, data_dir / "log.txt", {}
    )
    with _database_of(settings), contextlib.ExitStack() as afterwards:
        afterwards.callback(mirror.stop)
        mirror.environ = {**_clean_environ(), **values}
        for name in ("addons", "sidecar") if with_sidecar else ("addons",):
            mirror.start(name)
        _wait_for(f"{mirror.url}/healthz", mirror)
        if with_sidecar:
            _wait_for(f"http://{admin}/healthz", mirror)
        yield mirror


_open: list[Settings] = []


@contextlib.contextmanager
def _database_of(settings: Settings) -> Iterator[None]:
    """Open for this process; afterwards the one that was open before, if any, is again."""
    _open.append(settings)
    db.open_database(settings)
    try:
        yield
    finally:
        _open.remove(settings)
        db.close_database()
        if _open:
            db.open_database(_open[-1])


@contextlib.contextmanager
def another_proxy(mirror: RunningMirror) -> Iterator[str]:
    """A second proxy process over the same data; its address."""
    wiring = wire()
    url = f"http://127.0.0.1:{wiring.proxy_listen[1]}"
    log = mirror.data_dir / "log-2.txt"
    second = replace(mirror, url=url, wiring=wiring, processes={}, log=log)
    second.start("addons")
    try:
        _wait_for(f"{url}/healthz", second)
        yield url
    finally:
        second.stop()


@contextlib.contextmanager
def proxy_in_thread(
    data_dir: Path, environ: dict[str, str], config: Path = ROOT / "mitm_config.yaml"
) -> Iterator[RunningMirror]:
    """The proxy alone, in a thread of this process: for tests that reach into its parts."""
    wiring = wire()
    settings = Settings.from_environ(_values(data_dir, wiring, environ))
    mirror = RunningMirror(
        _url(wiring, settings), wiring, settings, data_dir, data_dir / "log.txt", {}
    )
    with _database_of(settings):
        db.sync_env_egresses(settings.proxy_url_pool)
        with _proxy_of(settings, wiring, config):
            _wait_for(f"{mirror.url}/healthz", mirror)
            yield mirror


@contextlib.contextmanager
def _proxy_of(settings: Settings, wiring: Wiring, config: Path) -> Iterator[None]:
    proxy = main.Proxy(settings, wiring, config)
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        await proxy.run()

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    try:
        yield
    finally:
        # One call: after the first stop the loop may be over before a second one comes.
        loops[0].call_soon_threadsafe(_stop_at_once, proxy)
        thread.join(10)


def _stop_at_once(proxy: main.Proxy) -> None:
    proxy.stop()
    proxy.stop()


def _values(data_dir: Path, wiring: Wiring, environ: dict[str, str]) -> dict[str, str]:
    return {
        "DATA_DIR": str(data_dir),
        "PORT": str(wiring.proxy_listen[1]),
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
        **environ,
    }


def _url(wiring: Wiring, settings: Settings) -> str:
    scheme = "https" if settings.tls_cert_file else "http"
    return f"{scheme}://127.0.0.1:{wiring.proxy_listen[1]}"


def add_account(sso: str, name: str = "", user_id: str | None = None) -> int:
    """An account as an import would add it."""
    return db.add_account(PastedAccount(sso_token=sso, upstream_user_id=user_id), name=name).id


def add_keys(number: int) -> None:
    """API keys 1, 2 and so on, which nothing binds: the proxy lends to keys that exist."""
    for _ in range(number):
        db.add_api_key(secrets.token_hex(4), KeyRules(), time.time())


def account_once(account_id: int, is_right: Callable[[Account], bool]) -> Account:
    """The stored account, once it is so: what an answer teaches is written down beside it."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        account = db.load_account(account_id)
        if account and is_right(account):
            return account
        time.sleep(0.02)
    raise AssertionError(f"account {account_id} never became so: {db.load_account(account_id)}")


def _wait_for(url: str, mirror: RunningMirror) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for name, process in mirror.processes.items():
            if process.has_ended():
                raise AssertionError(f"{name} ended early:\n{mirror.log_text()}")
        with contextlib.suppress(requests.ConnectionError, requests.Timeout):
            if requests.get(url, timeout=2, verify=False).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"{url} did not answer:\n{mirror.log_text()}")


def _clean_environ() -> dict[str, str]:
    names = {setting.name for setting in Settings.table()}
    return {k: v for k, v in os.environ.items() if k not in names and not k.startswith("MIRROR_")}
