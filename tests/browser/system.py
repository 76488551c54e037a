"""The whole product as its operator starts it: `serve.py` as a process of its own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.settings import Settings
from tests.running_mirror import ADMIN_PASSWORD, ROOT, free_port, serve

READY_WITHIN = 90.0
STOPS_WITHIN = 4.0
"""Seconds; one on a machine of its own."""


@dataclass
class System:
    """One running `serve.py`, and what opens it."""

    url: str
    admin_url: str
    log: Path
    process: subprocess.Popen[bytes]
    environ: dict[str, str]
    user: str = "demo"
    password: str = ""
    link: str = ""

    def log_text(self) -> str:
        return self.log.read_text(errors="replace")

    def api_key(self) -> str:
        """The key of the demo's own curl line."""
        found = re.search(r"Bearer (\S+?)'", self.log_text())
        assert found, self.log_text()
        return found[1]

    def command(self, *arguments: str, said: str = "") -> str:
        """Another command of `serve.py` on the same data, as typed in a second terminal."""
        return run_command(self.environ, *arguments, said=said)

    def interrupt(self) -> float:
        """Ctrl-C, which a terminal sends to the whole group; how long the end took."""
        began = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(30)
        return time.monotonic() - began


@contextlib.contextmanager
def running(command: str, folder: Path, **settings: str) -> Iterator[System]:
    """`serve.py demo` or `serve.py serve` with a data folder below `folder`."""
    environ = make_environ(folder, **settings)
    log = folder / "log.txt"
    port = ("--port", environ["PORT"]) if command == "demo" else ()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "serve.py", command, *port],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{environ['PORT']}"
    system = System(url, f"http://{environ['ADMIN_BIND']}", log, process, environ)
    try:
        _wait_until_ready(system)
        if command == "demo":
            _read_banner(system)
            environ["DATA_DIR"] += "/demo"
        yield system
    finally:
        _end(process)


def make_environ(folder: Path, **settings: str) -> dict[str, str]:
    """Nothing of this machine's settings; free ports and a folder of our own."""
    names = {setting.name for setting in Settings.table()}
    kept = {k: v for k, v in os.environ.items() if k not in names and not k.startswith("MIRROR_")}
    return {
        **kept,
        "DATA_DIR": str(folder / "data"),
        "PORT": str(free_port()),
        "ADMIN_BIND": f"127.0.0.1:{free_port()}",
        "ADMIN_PASSWORD": ADMIN_PASSWORD,
        **settings,
    }


def run_command(environ: dict[str, str], *arguments: str, said: str = "") -> str:
    done = serve(environ, *arguments, said=said, seconds=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextlib.contextmanager
def another_double(folder: Path, seed: str) -> Iterator[dict[str, str]]:
    """Somebody's own double of Grok: only its address, its CA and one token are known."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "standin", "--state-dir", str(folder), "--seed", seed),
            *("--listen", "127.0.0.1:0"),
        ],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        said = json.loads(process.stdout.readline())
        yield {
            "GROK_CONNECT_TO": f"*:443=127.0.0.1:{said['port']}",
            "GROK_CA_FILE": said["ca_file"],
            "token": said["accounts"][0]["sso"],
        }
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def descendants(pid: int) -> set[int]:
    """All processes below this one, from /proc."""
    below: set[int] = set()
    with contextlib.suppress(FileNotFoundError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, children.read_text().split()):
                below |= {child} | descendants(child)
    return below


def still_there(pids: set[int]) -> list[int]:
    """Those that run on; whose parent has gone must be fetched by init, which takes a moment."""
    deadline = time.monotonic() + 5
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return left


def _wait_until_ready(system: System) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if "Ctrl-C" in system.log_text():
            return
        if system.process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"serve.py did not become ready:\n{system.log_text()}")


def _read_banner(system: System) -> None:
    text = system.log_text()
    link = re.search(rf"{re.escape(system.url)}/-/link/\S+", text)
    user = re.search(r"User\s+(\S+)\s+密码 password\s+(\S+)", text)
    assert link, text
    assert user, text
    system.link = link[0]
    system.user, system.password = user[1], user[2]


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
