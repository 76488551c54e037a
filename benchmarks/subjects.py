"""The proxies under measurement, each a process before the same upstream: ours as it ships, a bare
mitmdump and nginx."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import db
from core.settings import Settings
from core.sso_token import PastedAccount
from supervisor.cast_list import front_plan
from supervisor.front import find_nginx, front_environment, write_front
from supervisor.wiring import Layout, plan_layout

ROOT = Path(__file__).parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Subject:
    """One proxy: where it listens, how it is asked, what it has used."""

    name: str
    pid: int
    port: int
    head: bytes
    """Request head without its first line."""
    prefixes: dict[str, str]
    """Path prefix by host: cdn and main."""

    def cpu(self) -> float:
        """CPU seconds of the process and its children so far."""
        return sum(_cpu(one) for one in [self.pid, *_children(self.pid)])

    def memory(self) -> float:
        """Kilobytes of the process and its children; what they share counts once."""
        return sum(_pss(one) for one in [self.pid, *_children(self.pid)])

    def rss_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def request(self, host: str, path: str) -> bytes:
        return f"GET {self.prefixes[host]}{path} HTTP/1.1\r\n".encode() + self.head


def _pss(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(text.partition("\nPss:")[2].split()[0])


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _children(pid: int) -> list[int]:
    return [int(x) for x in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextlib.contextmanager
def upstream(folder: Path) -> Iterator[int]:
    """Its port."""
    argv = [sys.executable, "-m", "benchmarks.upstream", "--state-dir", str(folder)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT)  # noqa: S603 - ours
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())["port"]
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def ours(upstream: int, folder: Path) -> Iterator[Subject]:
    """The proxy as it ships, without a front, with a signed-in user and one account."""
    values = _settings(upstream, folder, folder / "data")
    layout = plan_layout(Settings.from_environ(values), behind_front=False)
    with _proxy(values, layout) as subject:
        yield subject


@contextlib.contextmanager
def ours_with_api(
    upstream: int, folder: Path, *, fronted: bool, **more: str
) -> Iterator[dict[str, Subject]]:
    """All processes of a mirror: the proxy as above, the sidecar, and the front if it has one."""
    values = _settings(upstream, folder, Path(tempfile.mkdtemp(dir=folder)), **more)
    settings = Settings.from_environ(values)
    layout = plan_layout(settings, behind_front=fronted)
    environ = {**_quiet_environ(), **values, **layout.of_sidecar().to_environ()}
    argv = [sys.executable, "-m", "sidecar"]
    with (
        _proxy(values, layout) as proxy,
        _process(argv, layout.sidecar[1], environ) as sidecar,
        _front(settings, layout) if fronted else contextlib.nullcontext() as front,
    ):
        pids = {"proxy": proxy.pid, "sidecar": sidecar} | ({"front": front} if front else {})
        yield {name: replace(proxy, name=name, pid=pid) for name, pid in pids.items()}


def _settings(upstream: int, folder: Path, data: Path, **more: str) -> dict[str, str]:
    return {
        "DATA_DIR": str(data),
        "PORT": str(_free_port()),
        "ADMIN_BIND": f"127.0.0.1:{_free_port()}",
        "GROK_CONNECT_TO": f"*:443=127.0.0.1:{upstream}",
        "GROK_CA_FILE": str(folder / "ca.pem"),
        **more,
    }


@contextlib.contextmanager
def _proxy(values: dict[str, str], layout: Layout) -> Iterator[Subject]:
    settings = Settings.from_environ(values)
    db.open_database(settings)
    account = db.add_account(PastedAccount(sso_token="eyJhbGci.eyJzZXNz.c2lnbmF0dXJl"))  # noqa: S106
    user = db.ensure_user("bench")
    db.assign_account(user.id, account.id)
    cookie = db.start_session(user.id, time.time())
    db.close_database()
    environ = {**_quiet_environ(), **values, **layout.of_proxy(0).to_environ()}
    head = _head(f"127.0.0.1:{settings.port}", f"Cookie: mirror_session={cookie}")
    prefixes = {"main": "/images", "cdn": "/-/cdn.grok.com"}
    argv = [sys.executable, "-m", "addons"]
    with _process(argv, layout.proxies[0][1], environ) as pid:
        yield Subject("ours", pid, settings.port, head, prefixes)


@contextlib.contextmanager
def _front(settings: Settings, layout: Layout) -> Iterator[int]:
    found = find_nginx()
    assert found
    # Not in the folder of the others: nginx's workers have no rights there.
    folder = Path(tempfile.mkdtemp(prefix="grok-mirror-bench-"))
    try:
        write_front(found, front_plan(settings, layout, found, folder))
        argv, environ = list(found.argv(folder)), dict(front_environment())
        with _process(argv, settings.port, environ) as pid:
            yield pid
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def mitmdump(upstream: int, _: Path) -> Iterator[Subject]:
    """A bare reverse proxy, as quiet as it gets."""
    port = _free_port()
    argv = [
        str(Path(sys.executable).parent / "mitmdump"), "-q", "--set", "flow_detail=0",
        "--set", "ssl_insecure=true", "--set", "connection_strategy=lazy",
        "--mode", f"reverse:https://127.0.0.1:{upstream}@127.0.0.1:{port}",
    ]  # fmt: skip
    with _process(argv, port, _quiet_environ()) as pid:
        found = Subject("mitmdump -q", pid, port, _head("grok.com"), {"main": "", "cdn": ""})
        _wait_for(port, found.request("main", "/small"))  # it listens before it can answer
        yield found


@contextlib.contextmanager
def nginx(upstream: int, folder: Path) -> Iterator[Subject]:
    """proxy_pass with kept-alive TLS to the upstream."""
    port = _free_port()
    config = folder / "nginx.conf"
    config.write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 2048; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream up {{ server 127.0.0.1:{upstream}; keepalive 64; }}
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass https://up; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_buffering off; }} }}
}}""")
    with _process([_nginx(), "-c", str(config)], port, _quiet_environ()) as pid:
        yield Subject("nginx", pid, port, _head("grok.com"), {"main": "", "cdn": ""})


def has_nginx() -> bool:
    """Whether that baseline can be measured here."""
    return shutil.which("nginx", path=_PATH) is not None


_PATH = os.defpath + ":/usr/sbin:/usr/local/sbin"


def _nginx() -> str:
    return shutil.which("nginx", path=_PATH) or "nginx"


@contextlib.contextmanager
def _process(argv: list[str], port: int, environ: dict[str, str]) -> Iterator[int]:
    with tempfile.TemporaryFile() as log:  # written, as in life
        process = subprocess.Popen(argv, cwd=ROOT, env=environ, stderr=log)  # noqa: S603 - ours
        try:
            _wait_for(port)
            yield process.pid
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, request: bytes = b"") -> None:
    """Until somebody listens, and has answered the request if there is one."""
    last = time.monotonic() + 30
    while time.monotonic() < last:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1) as sock,
        ):
            sock.sendall(request)
            if not request or sock.recv(12) == b"HTTP/1.1 200":
                return
        time.sleep(0.05)
    raise RuntimeError("a proxy did not come up")


def _head(host: str, *more: str) -> bytes:
    lines = [f"Host: {host}", "Accept: */*", "User-Agent: bench", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def _quiet_environ() -> dict[str, str]:
    names = {setting.name for setting in Settings.table()}
    return {k: v for k, v in os.environ.items() if k not in names}  # noqa: TID251 - for children


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
