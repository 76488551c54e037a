"""`serve` with a real nginx and fake proxies: what a visitor and an operator see."""

import os
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from supervisor.front import find_nginx
from supervisor.listeners import free_ports
from tests.supervisor.script import Script, gone

pytestmark = [pytest.mark.loop, pytest.mark.timeout(60)]
TOY = Path(__file__).with_name("toy_serve.py")


class Served(Script):
    def __init__(self, tmp_path, **environ):
        [(_, self.port), (_, admin)] = free_ports(2)
        super().__init__(
            TOY,
            "serve",
            DATA_DIR=str(tmp_path / "data"),
            TMPDIR=str(tmp_path),
            PORT=str(self.port),
            ADMIN_BIND=f"127.0.0.1:{admin}",
            **environ,
        )

    def get(self, path="/healthz"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=3) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def get_until(self, wanted, within=5):
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            try:
                if wanted(answer := self.get()):
                    return answer
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError("not within the time")


@pytest.fixture(params=["auto", "off"])
def served(tmp_path, request):
    if request.param == "auto" and find_nginx() is None:
        pytest.skip("nginx is not installed")
    system = Served(tmp_path, FRONT=request.param)
    yield system
    system.close()


@pytest.fixture
def fronted(tmp_path):
    if find_nginx() is None:
        pytest.skip("nginx is not installed")
    system = Served(tmp_path, PROXY_WORKERS="2", AUTHORIZATION="sk-key-of-the-operator")
    system.until("stops it")
    yield system
    system.close()


def children_of(pid):
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def front_of(system):
    pids = children_of(system.process.pid)
    return next(pid for pid in pids if b"nginx" in Path(f"/proc/{pid}/cmdline").read_bytes())


def test_first_start_shows_password_and_urls_then_answers(served):
    served.until("Admin password (shown this once; keep it)")
    served.until(f"http://127.0.0.1:{served.port}")
    served.until("stops it")
    assert served.get()[0] == 200


def test_ctrl_c_leaves_nothing_behind(served, tmp_path):
    served.until("stops it")
    pids = children_of(served.process.pid)
    begun = time.monotonic()
    served.process.send_signal(signal.SIGINT)
    assert served.ended(5) == 0
    assert time.monotonic() - begun < 2
    assert all(gone(pid) for pid in pids)
    assert not list(tmp_path.glob("grok-mirror-*"))
    assert "Traceback" not in served.text


def test_term_ends_with_zero(served):
    served.until("stops it")
    served.process.terminate()
    assert served.ended(10) == 0


def test_killed_supervisor_takes_everything_along(served):
    served.until("stops it")
    pids = children_of(served.process.pid)
    pids += [worker for pid in pids for worker in children_of(pid)]
    served.process.kill()
    assert all(gone(pid) for pid in pids)


def test_killed_front_is_back_with_its_port(fronted):
    master = front_of(fronted)
    workers = children_of(master)
    os.kill(master, signal.SIGKILL)
    fronted.until("front ended (signal 9)")
    assert all(gone(pid) for pid in workers)
    assert fronted.get_until(lambda answer: answer[0] == 200)


def test_one_killed_proxy_of_two_is_not_noticed(fronted):
    os.kill(int(fronted.get()[1]), signal.SIGKILL)
    assert {fronted.get()[0] for _ in range(20)} == {200}
    fronted.until("proxy", within=1)


def test_while_every_proxy_is_away_the_page_is_ours(fronted):
    pids = {int(fronted.get()[1]) for _ in range(20)}
    assert len(pids) == 2
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    status, page = fronted.get_until(lambda answer: answer[0] != 200)
    assert status == 502
    assert "暂时不可用" in page
    fronted.get_until(lambda answer: answer[0] == 200)


def test_secrets_stay_out_of_logs_and_command_lines(fronted):
    [secret] = {
        line.partition(b"=")[2].decode()
        for pid in children_of(fronted.process.pid)
        for line in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        if line.startswith(b"MIRROR_BOOT_SECRET=")
    }
    for pid in children_of(fronted.process.pid):
        assert secret.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
    fronted.process.send_signal(signal.SIGINT)
    fronted.ended()
    assert secret not in fronted.text
    assert "sk-key-of-the-operator" not in fronted.text
