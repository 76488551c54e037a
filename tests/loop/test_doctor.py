"""`doctor` as it is typed: beside a running mirror, after it has stopped, and before any start."""

import json
from pathlib import Path

import pytest

from supervisor.running_note import running_note, running_wiring
from tests.browser.system import make_environ, running
from tests.loop.bridge import until
from tests.running_mirror import ADMIN_PASSWORD, serve, wire

PATIENT = ("--seconds", "60")
"""Where it is not the time that is tested."""


def doctor(environ, *more):
    return serve(environ, "doctor", *more)


def told(environ, *more):
    done = doctor(environ, "--json", *more)
    said = json.loads(done.stdout)
    assert done.returncode == (0 if said["ok"] else 1)
    return {line["check"]: line for line in said["findings"]}, done


def keys(lines, *checks):
    return [lines[check]["key"] for check in checks]


@pytest.fixture
def seam(standin):
    return {"GROK_CONNECT_TO": standin.connect_to, "GROK_CA_FILE": standin.ca_file}


def test_before_the_first_start_nothing_is_made(tmp_path, seam):
    environ = make_environ(tmp_path, **seam)
    lines, done = told(environ)
    assert done.returncode == 0
    assert keys(lines, "data", "key", "database") == ["data_new", "key_new", "database_new"]
    assert keys(lines, "port", "account", "egress") == ["port_free", "mirror_down", "egress_ok"]
    assert not (tmp_path / "data").exists()


def test_beside_a_running_mirror_and_after_it(tmp_path, seam, standin):
    account = standin.accounts["super"]
    with running("serve", tmp_path, **seam) as system:
        system.command("import", "-", "--yes", said=account.sso)
        until(lambda: keys(told(system.environ)[0], "account") == ["account_ok"], 20)
        lines, done = told(system.environ, "--ask", *PATIENT)
        assert done.returncode == 0, done.stdout
        assert keys(lines, "port", "database", "key") == ["port_ours", "database_ok", "key_ok"]
        assert keys(lines, "account", "socket", "turn") == ["account_ok", "socket_ok", "turn_ok"]
        assert keys(lines, "egress", "tls", "clock") == ["egress_ok", "tls_ok", "clock_ok"]
        wiring = running_wiring(Path(system.environ["DATA_DIR"]))
        text = doctor(system.environ)
        assert text.returncode == 0
        everything = done.stdout + text.stdout + text.stderr + system.log_text()
        for secret in (account.sso, wiring.secret, ADMIN_PASSWORD):
            assert secret not in everything
        standin.control.revoke("super")
        lines, done = told(system.environ, "--ask", *PATIENT)
        assert done.returncode == 1
        assert keys(lines, "account", "turn") == ["account_signed_out", "turn_skipped"]
    lines, done = told(system.environ)
    assert keys(lines, "port", "account") == ["port_free", "mirror_down"]
    assert not (Path(system.environ["DATA_DIR"]) / ".wiring").exists()


def test_never_directly_while_a_pool_is_set(tmp_path, seam, standin):
    standin.control.forget_requests()
    pool = "http://me:secret-word@127.0.0.1:9"
    lines, done = told(make_environ(tmp_path, **seam, PROXY_URL_POOL=pool))
    assert done.returncode == 1
    assert keys(lines, "egress", "tls", "clock") == [
        "egress_unreachable",
        "tls_no_egress",
        "clock_unknown",
    ]
    assert standin.control.requests() == []
    assert "secret-word" not in done.stdout + done.stderr


def test_a_stranger_on_the_port_is_no_mirror_of_ours(tmp_path, seam, mirror):
    port = str(mirror.wiring.proxy_listen[1])
    _, done = told(make_environ(tmp_path, **seam, PORT=port))
    assert done.returncode == 1
    assert any(line["key"] == "port_taken" for line in json.loads(done.stdout)["findings"])


def test_the_total_time_is_kept(tmp_path, seam, standin):
    standin.control.switch(latency_ms=8000)
    lines, done = told(make_environ(tmp_path, **seam), "--seconds", "2")
    assert done.returncode == 0
    assert lines["tls"]["key"] == "late"


def test_a_note_of_a_run_that_was_killed_is_not_believed(tmp_path):
    wiring = wire()
    with running_note(tmp_path, wiring):
        assert (tmp_path / ".wiring").stat().st_mode & 0o777 == 0o600
        assert running_wiring(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".wiring").write_text("[1]")
    assert running_wiring(tmp_path) is None
