import json
import signal
import subprocess
import sys

import pytest

from standin.__main__ import address, parse_options
from standin.control_client import Control
from standin.server import Standin


def test_tokens_depend_on_the_seed(tmp_path):
    with Standin.start(tmp_path, seed="a", scenario="plain") as first:
        assert first.connect_to == f"*:443=127.0.0.1:{first.port}"
        assert first.ca_file == str(tmp_path / "ca.pem")
        assert first.control.switch()["scenario"] == "plain"
        token = first.accounts["super"].sso
    with Standin.start(seed="a") as again, Standin.start(seed="b") as other:
        assert again.accounts["super"].sso == token
        assert other.accounts["super"].sso != token


def test_a_taken_port_is_said_at_the_start():
    with (
        Standin.start() as first,
        pytest.raises(OSError, match="address already in use"),
        Standin.start(listen=("127.0.0.1", first.port)),
    ):
        pass


def test_the_command_line():
    options = parse_options(["--state-dir", "/x", "--listen", "[::1]:9", "--seed", "s"])
    assert (options.listen, options.control, options.seed) == (("::1", 9), ("127.0.0.1", 0), "s")
    with pytest.raises(SystemExit):
        parse_options(["--listen", "x"])
    assert address("h:1") == ("h", 1)


@pytest.mark.loop
def test_the_process_announces_itself_and_ends_on_sigterm(tmp_path):
    command = [sys.executable, "-m", "standin", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [*command, "--state-dir", str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        ready = json.loads(process.stdout.readline())
        seen = Control("127.0.0.1", ready["control_port"]).accounts()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert ready["ca_file"] == str(tmp_path / "ca.pem")
    assert {account["name"] for account in ready["accounts"]} == set(seen)
