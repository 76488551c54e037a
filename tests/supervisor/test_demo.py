"""The demo, whole and real: stand-in, proxy, sidecar, and nginx where it is installed."""

import re
import signal
import socket
import time
import urllib.request

import pytest

from supervisor.listeners import free_ports
from tests.supervisor.script import ROOT, Script

pytestmark = [pytest.mark.loop, pytest.mark.timeout(90)]


@pytest.fixture
def demo(tmp_path):
    started = []

    def demo(*arguments, **environ):
        environ = {"TMPDIR": str(tmp_path), "ADMIN_BIND": "127.0.0.1:0"} | environ
        started.append(Script(ROOT / "serve.py", "demo", *arguments, **environ))
        return started[-1]

    yield demo
    for script in started:
        script.close()


def two_ports():
    (_, port), (_, admin) = free_ports(2)
    return port, {"PORT": str(port), "ADMIN_BIND": f"127.0.0.1:{admin}"}


def test_demo_greets_serves_and_leaves_nothing(demo, tmp_path):
    port, environ = two_ports()
    script = demo(**environ)
    script.until("stops it", within=60)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        assert answer.status == 200
    link = re.search(r"http://127\.0\.0\.1:\d+/-/link/\S+", script.text)
    assert link
    with urllib.request.urlopen(link[0], timeout=5) as answer:
        assert answer.status == 200
    begun = time.monotonic()
    script.process.send_signal(signal.SIGINT)
    assert script.ended(5) == 0
    assert time.monotonic() - begun < 3  # two on a machine that does nothing else
    assert not list(tmp_path.glob("grok-mirror-*"))
    assert "Traceback" not in script.text


def test_busy_port_makes_the_demo_take_the_next_one(demo):
    _, environ = two_ports()
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        script = demo(**environ | {"PORT": str(port)})
        script.until(f"端口 {port} 已被占用", within=30)
        script.until("stops it", within=60)
    assert f"http://127.0.0.1:{port} " not in script.text


def test_named_data_folder_keeps_its_own_files(demo, tmp_path):
    _, environ = two_ports()
    folder = tmp_path / "data"
    script = demo(**environ, DATA_DIR=str(folder))
    script.until("stops it", within=60)
    assert [entry.name for entry in folder.iterdir()] == ["demo"]
