"""serve.py as a process: what it says and exits with when it must not start."""

import fcntl
import os
import socket

import pytest

from supervisor.listeners import free_ports
from tests import running_mirror

pytestmark = pytest.mark.loop


@pytest.fixture
def serve(tmp_path):
    def serve(*arguments, **environ):
        [(_, port), (_, admin)] = free_ports(2)
        ours = {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path / "data"),
            "PORT": str(port),
            "ADMIN_BIND": f"127.0.0.1:{admin}",
        }
        return running_mirror.serve(ours | environ, *arguments, folder=tmp_path, seconds=30)

    return serve


def test_every_wrong_setting_is_named_and_the_exit_code_is_78(serve):
    done = serve("serve", PORT="many", PROXY_URL_POOL="http://u:hunter22@:1")
    assert done.returncode == 78
    assert "配置有误 / Wrong settings" in done.stderr
    assert "PORT" in done.stderr
    assert "PROXY_URL_POOL" in done.stderr
    assert "hunter22" not in done.stderr
    assert "Traceback" not in done.stderr


def test_busy_ports_are_named_before_anything_starts(serve):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        done = serve("serve", PORT=port)
        admin = serve("serve", ADMIN_BIND=f"127.0.0.1:{port}")
    assert (done.returncode, admin.returncode) == (1, 1)
    assert f"127.0.0.1:{port} is already in use" in done.stderr
    assert "set PORT" in done.stderr
    assert "set ADMIN_BIND" in admin.stderr


def test_demo_with_a_busy_port_it_was_told_to_use_ends(serve):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        done = serve("demo", "--port", str(busy.getsockname()[1]))
    assert done.returncode == 1
    assert "is already in use" in done.stderr


def test_second_instance_on_a_data_folder_ends(serve, tmp_path):
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / ".lock").open("w") as held:
        held.write("4242")
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        done = serve("serve")
    assert done.returncode == 1
    assert "in use by another instance (process 4242)" in done.stderr


def test_unusable_data_folder_is_named(serve, tmp_path):
    (tmp_path / "file").write_text("")
    done = serve("serve", DATA_DIR=str(tmp_path / "file" / "data"))
    assert done.returncode == 1
    assert "DATA_DIR" in done.stderr


def test_certificate_that_is_none_is_named(serve, tmp_path):
    for name in ("c.pem", "k.pem"):
        (tmp_path / name).write_text("nothing")
    done = serve("serve", TLS_CERT_FILE="c.pem", TLS_KEY_FILE="k.pem")
    assert done.returncode in (1, 78)
    assert "c.pem" in done.stderr
    assert "Traceback" not in done.stderr


def test_version_is_told(serve):
    done = serve("version")
    assert done.returncode == 0
    assert "mitmproxy 12." in done.stdout


def test_health_of_what_does_not_run_is_1(serve):
    done = serve("health")
    assert done.returncode == 1
    assert "unhealthy" in done.stderr


def test_passwords_have_no_place_on_the_command_line(serve):
    assert serve("user", "add", "ann", "--password", "x").returncode == 2


def test_users_are_made_listed_linked_and_shut_out(serve):
    added = serve("user", "add", "Ann")
    assert "password: " in added.stdout
    assert "/-/link/" in serve("user", "link", "ann").stdout
    assert serve("user", "disable", "ann").returncode == 0
    assert "off" in serve("user", "list").stdout
    again = serve("user", "add", "ann")
    assert again.returncode == 1
    assert "there is a user" in again.stderr


def test_tokens_are_imported_from_a_file_and_never_repeated(serve, tmp_path):
    good = f"eyJ0eXAi.{'a' * 20}.{'b' * 30}"
    (tmp_path / "tokens").write_text(f"{good}\n# comment\nnot-a-token\n")
    done = serve("import", "tokens")
    assert done.returncode == 0
    assert "added: 1" in done.stdout
    assert "line 3" in done.stdout
    assert "not-a-token" not in done.stdout + done.stderr
    missing = serve("import", "nowhere")
    assert missing.returncode == 1
    assert "nowhere" in missing.stderr


def test_admin_password_is_renewed_unless_the_environment_sets_it(serve):
    assert "Admin password" in serve("admin-password").stdout
    assert serve("admin-password", ADMIN_PASSWORD="correct horse 12").returncode == 1


def test_people_pools_and_invitations_from_the_command_line(serve):
    assert serve("pool", "add", "vip", "--note", "good ones").returncode == 0
    rules = ("--day-limit", "5", "--modes", "fast,auto", "--pools", "vip", "--expires", "30d")
    added = serve("user", "add", "ann", *rules)
    assert added.returncode == 0
    told = serve("user", "set", "ann", "--month-limit", "50", "--note", "new").stdout
    for part in ("0 / 5", "0 / 50", "fast auto", "vip", "new"):
        assert part in told
    assert "user ann" in serve("key", "add", "app", "--user", "ann", "--pools", "vip").stdout
    wrong = serve("user", "set", "ann", "--pools", "nope")
    assert (wrong.returncode, "vip" in wrong.stderr) == (1, True)
    used = serve("pool", "delete", "vip")
    assert (used.returncode, "ann" in used.stderr) == (1, True)
    assert "/-/join?code=" in serve("invite", "make", "--uses", "5", "--expires", "7d").stdout
    assert "used 0/5" in serve("invite", "list").stdout
    assert serve("invite", "end", "1").returncode == 0
    gone = serve("user", "delete", "ann")
    assert "1 API keys" in gone.stdout
    assert "no users" in serve("user", "list").stdout
    assert "no keys" in serve("key", "list").stdout
