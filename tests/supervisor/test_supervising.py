"""The supervisor as a process over fake children: what an operator does to it."""

import json
import os
import signal
import time
import urllib.request
from pathlib import Path

import pytest

from supervisor.listeners import free_ports
from tests.supervisor.script import Script, gone

pytestmark = [pytest.mark.loop, pytest.mark.timeout(60)]
HERE = Path(__file__).parent
SECRET = "0123456789abcdef" * 4


@pytest.fixture
def start():
    systems = []

    def start(*children):
        script = HERE / "toy_system.py"
        systems.append(Script(script, json.dumps(children), MIRROR_BOOT_SECRET=SECRET))
        return systems[-1]

    yield start
    for system in systems:
        system.close()


def child(name="proxy", *args, **more):
    [(_, port)] = free_ports(1)
    return {"name": name, "args": list(args), "port": port} | more


def pid_of(wanted):
    url = f"http://127.0.0.1:{wanted['port']}/healthz"
    with urllib.request.urlopen(url, timeout=2) as answer:
        return int(answer.read())


def test_killed_child_is_back_within_five_seconds(start):
    wanted = child()
    system = start(wanted)
    system.until("READY")
    first = pid_of(wanted)
    os.kill(first, signal.SIGKILL)
    system.until("ended (signal 9)", within=2)
    system.until("my secret", within=3)
    deadline = time.monotonic() + 3
    while True:
        try:
            assert pid_of(wanted) != first
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_workers_of_a_killed_child_go_with_it(start):
    wanted = child("sidecar", "--grandchild")
    system = start(wanted)
    grandchild = int(system.until("grandchild").split()[-1])
    system.until("READY")
    os.kill(pid_of(wanted), signal.SIGKILL)
    assert gone(grandchild)


def test_crash_loop_at_start_ends_everything(start):
    wanted = child("sidecar")
    system = start(wanted, child("proxy", "--exit", "3"))
    assert system.ended(within=30) == 1
    assert "proxy ended 5 times while starting (exit code 3)" in system.text
    assert "READY" not in system.text
    with pytest.raises(OSError, match="refused"):
        pid_of(wanted)


def test_configuration_error_of_a_child_ends_everything_with_78(start):
    system = start(child("sidecar"), {"name": "proxy", "args": ["--exit", "78"]})
    assert system.ended() == 78
    assert "refused its configuration" in system.text


def test_program_that_is_missing_ends_everything(start):
    system = start(child("proxy") | {"program": "/nonexistent"})
    assert system.ended(within=30) == 1
    assert "cannot be started" in system.text


def test_ctrl_c_ends_within_two_seconds_without_traceback(start):
    system = start(child("proxy", "--drain", "30"), child("sidecar", "--deaf"))
    system.until("READY")
    begun = time.monotonic()
    system.process.send_signal(signal.SIGINT)
    assert system.ended(within=5) == 0
    assert time.monotonic() - begun < 2
    assert "Traceback" not in system.text


def test_term_lets_streams_finish_before_the_next_stage_stops(start):
    system = start(child("proxy", "--drain", "1"), child("sidecar", stage=1))
    system.until("READY")
    system.process.terminate()
    assert system.ended() == 0
    words = [line for line in system.lines if "drained" in line or "stopped" in line]
    assert [line.split()[0] for line in words] == ["proxy", "sidecar"]


def test_second_term_does_not_wait_for_streams(start):
    system = start(child("proxy", "--drain", "30", grace=30.0))
    system.until("READY")
    system.process.terminate()
    time.sleep(0.3)
    begun = time.monotonic()
    system.process.terminate()
    assert system.ended(within=5) == 0
    assert time.monotonic() - begun < 2


def test_drain_that_takes_too_long_is_cut(start):
    system = start(child("proxy", "--drain", "30", grace=0.5))
    system.until("READY")
    system.process.terminate()
    assert system.ended(within=5) == 0
    assert "proxy did not stop in time; killed" in system.text


def test_term_during_a_pause_ends_at_once(start):
    system = start({"name": "proxy", "args": ["--exit", "3"]})
    system.until("again in 1 s")
    system.process.terminate()
    assert system.ended(within=2) == 0


def test_children_do_not_outlive_a_killed_supervisor(start):
    wanted = child()
    system = start(wanted)
    system.until("READY")
    pid = pid_of(wanted)
    system.process.kill()
    assert gone(pid)


def test_hangup_is_passed_on(start):
    system = start(child())
    system.until("READY")
    system.process.send_signal(signal.SIGHUP)
    system.until("reloaded")


def test_secret_that_a_child_prints_is_masked(start):
    system = start(child())
    system.until("READY")
    system.process.send_signal(signal.SIGINT)
    system.ended()
    assert "my secret is ***" in system.text
    assert SECRET not in system.text
