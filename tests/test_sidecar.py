"""Who answers on which socket, and the real process: start, answer, stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.test import Client

import db
from core.settings import EX_CONFIG, Settings, SettingsError
from core.sso_token import parse_pasted
from core.wiring import Wiring
from sidecar import WORKERS, Dispatcher, api_options
from tests.running_mirror import free_port

ROOT = Path(__file__).parents[1]
SECRET = "ab" * 32
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiYSJ9.c2lnbmF0dXJlsecret"
PROOF = {"X-Mirror-Secret": SECRET, "X-Mirror-Origin": "https://grok.example.com"}


def wiring(sidecar_port: int = 5001) -> Wiring:
    here = "127.0.0.1"
    return Wiring(
        secret=SECRET,
        proxy_listen=(here, 1),
        internal_listen=(here, 2),
        sidecar_listen=(here, sidecar_port),
        behind_front=False,
    )


class Accepted:
    """A connection, as far as the dispatcher looks at it."""

    def __init__(self, host: str, port: int) -> None:
        self._name = (host, port)

    def getsockname(self) -> tuple[str, int]:
        return self._name


def app(name: str) -> Any:
    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        assert "HTTP_X_MIRROR_SECRET" not in environ or name == "admin"
        start("200 OK", [])
        visitor = environ["mirror.visitor"]
        return [f"{name} {visitor.origin} {visitor.user_id}".encode()]

    return answer


def ask(path: str, headers: dict[str, str], *, port: int = 5001, bridge: bool = True) -> Any:
    settings = Settings(admin_same_origin="same" in path)
    doors = Dispatcher(
        settings,
        wiring(),
        users=app("users"),
        admin=app("admin"),
        bridge=app("bridge") if bridge else None,
    )
    overrides = {"gunicorn.socket": Accepted("127.0.0.1", port)}
    return Client(doors).get(path, headers=headers, environ_overrides=overrides)


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/-/sign-in", "users"),
        ("/api/login", "users"),
        ("/v1/models", "bridge"),
        ("/admin", "bridge"),
        ("/admin/same", "admin"),
        ("/adminsame", "bridge"),
    ],
)
def test_the_path_chooses_the_door(path: str, door: str) -> None:
    assert ask(path, PROOF).text.startswith(door)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no secret"),
        pytest.param({**PROOF, "X-Mirror-Secret": SECRET[:-1]}, id="a shorter secret"),
        pytest.param({**PROOF, "X-Mirror-Secret": "ü" * 64}, id="not ASCII"),
        pytest.param({**PROOF, "X-Mirror-Secret": f"{SECRET},{SECRET}"}, id="sent twice"),
        pytest.param({"X-Mirror-Secret": SECRET}, id="no origin"),
        pytest.param({**PROOF, "X-Mirror-Origin": "https://a/b"}, id="an origin with a path"),
    ],
)
def test_the_loopback_socket_wants_proof(headers: dict[str, str]) -> None:
    assert ask("/-/sign-in", headers).status_code == 403


def test_the_admin_socket_ignores_what_claims_to_be_the_proxy() -> None:
    answer = ask("/-/sign-in", {**PROOF, "X-Mirror-User": "1"}, port=8081)
    assert answer.text == "admin http://localhost None"


def test_the_user_is_who_the_proxy_says() -> None:
    assert ask("/-/me", {**PROOF, "X-Mirror-User": "7"}).text.endswith(" 7")
    assert ask("/-/me", {**PROOF, "X-Mirror-User": "7,8"}).text.endswith(" None")


class Running:
    """A sidecar process on two free ports."""

    def __init__(self, data_dir: Path, **more: str) -> None:
        self.loopback, self.admin = free_port(), free_port()
        inherited = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sidecar"],
            cwd=ROOT,
            env={
                **inherited,
                **wiring(self.loopback).to_environ(),
                "DATA_DIR": str(data_dir),
                "ADMIN_BIND": f"127.0.0.1:{self.admin}",
                "ADMIN_PASSWORD": "a long admin password",
                **more,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                requests.get(f"http://127.0.0.1:{self.admin}/readyz", timeout=5)
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return
        pytest.fail(f"the sidecar did not start: {self.stop()}")

    def stop(self) -> str:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=20)[0]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    settings = Settings(data_dir=tmp_path / "data")
    db.open_database(settings)
    db.add_account(parse_pasted(TOKEN))
    db.close_database()
    return settings.data_dir


@pytest.fixture
def running(data_dir: Path) -> Iterator[Running]:
    sidecar = Running(data_dir)
    yield sidecar
    sidecar.stop()


@pytest.mark.loop
def test_a_sidecar_answers_and_stops_at_once(running: Running) -> None:
    running.wait()
    kept = requests.Session()
    base = f"http://127.0.0.1:{running.loopback}"
    assert kept.get(f"{base}/-/sign-in", timeout=5).status_code == 403
    assert kept.get(f"{base}/-/sign-in", headers=PROOF, timeout=5).status_code == 200
    headers = {**PROOF, "Authorization": "Bearer a long admin password"}
    listed = kept.get(f"{base}/api/get-grok-list", headers=headers, timeout=5)
    assert listed.json()["total"] == 1
    assert kept.get(f"http://127.0.0.1:{running.admin}/healthz", timeout=5).text == "ok"
    started = time.monotonic()
    output = running.stop()  # `kept` still holds its connections
    assert time.monotonic() - started < 8
    assert running.process.returncode == 0
    kept.close()
    for secret in (SECRET, TOKEN, "a long admin password"):
        assert secret not in output
    assert "Traceback" not in output


@pytest.mark.loop
def test_guesses_sent_at_once_are_counted_one_by_one(running: Running) -> None:
    running.wait()
    url = f"http://127.0.0.1:{running.loopback}/-/sign-in"
    headers = {**PROOF, "Origin": PROOF["X-Mirror-Origin"], "X-Mirror-Peer": "203.0.113.9"}

    def guess(number: int) -> int:
        form = {"user_name": "alice", "password": str(number)}
        return requests.post(url, headers=headers, data=form, timeout=20).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(guess, range(20)))
    assert (answers.count(401), answers.count(429)) == (5, 15)


@pytest.mark.loop
def test_one_worker_counts_whatever_gunicorns_environment_says(data_dir: Path) -> None:
    more = {"WEB_CONCURRENCY": "4", "GUNICORN_CMD_ARGS": "--workers=4"}
    sidecar = Running(data_dir, AUTHORIZATION="sk-of-the-operator", **more)
    try:
        sidecar.wait()
        pid = sidecar.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        assert len(children) == WORKERS == 1
    finally:
        sidecar.stop()


def test_the_operators_wishes_reach_the_api() -> None:
    environ = {
        "API_HATD": "off", "API_REASONING": "tags", "API_FOOTNOTES": "no",
        "API_CORS_ORIGINS": "https://chat.example", "MODEL_ALIASES": "gpt-4o=xai/grok-expert",
        "MIRROR_API_PREFIX": "word",
    }  # fmt: skip
    options = api_options(Settings.from_environ(environ))
    assert (options.prefix, options.temporary, options.footnotes) == ("/word", False, False)
    assert (options.reasoning, options.cors_origins) == ("tags", ("https://chat.example",))
    assert options.models.resolve("GPT-4o").mode == "expert"
    assert "gpt-4o" in options.models.names()


def test_an_alias_of_nothing_forbids_the_start() -> None:
    settings = Settings.from_environ({"MODEL_ALIASES": "a=grok-4,b=grkk"})
    with pytest.raises(SettingsError, match="no model 'grkk'"):
        api_options(settings)


@pytest.mark.loop
def test_a_missing_key_is_exit_78_with_one_sentence(data_dir: Path) -> None:
    (data_dir / "secret.key").unlink()
    sidecar = Running(data_dir)
    output = sidecar.process.communicate(timeout=20)[0]
    assert sidecar.process.returncode == EX_CONFIG
    assert "secret.key" in output
    assert "Traceback" not in output
