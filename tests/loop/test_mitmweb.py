"""mitmweb beside a running mirror: what it shows, whom, and that nothing depends on it."""

import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import replace

import aiohttp
import pytest
import requests

from tests import running_mirror as runs
from tests.loop.bridge import ENV, ask, port_to, text_of, until
from tests.loop.test_chat import headers_of, say, signed, ws_url
from tests.loop.test_secrets import secrets_of
from tests.running_mirror import ROOT, add_account, free_port, running_mirror

PASSWORD = secrets.token_hex(12)


class Mitmweb:
    """Its process, and what it says to a developer."""

    def __init__(self, mirror, port):
        self._mirror, self.url = mirror, f"http://127.0.0.1:{port}"
        self.auth = {"Authorization": f"Bearer {PASSWORD}"}
        self.start()

    def start(self):
        bind = self.url.removeprefix("http://")
        ours = {"MITMWEB_PASSWORD": PASSWORD, "MITMWEB_BIND": bind, "PYTHONPATH": str(ROOT)}
        environ = {**os.environ, **self._mirror.environ, **self._mirror.wiring.to_environ(), **ours}
        command = [sys.executable, "-m", "addons.mitmweb"]
        self.process = subprocess.Popen(command, env=environ, cwd=ROOT)
        until(self.answers, 20)

    def answers(self):
        try:
            return self.get("/flows").ok
        except requests.ConnectionError:
            return False

    def stop(self):
        self.process.terminate()
        assert self.process.wait(10) == 0

    def get(self, path, **more):
        return requests.get(self.url + path, headers=self.auth, timeout=10, **more)

    def flows(self):
        return self.get("/flows").json()

    def wait_for(self, wanted, whose="", seconds=20):
        """Flows of these paths, the latest of each, made on somebody's behalf."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            flows = [flow for flow in self.flows() if f"for {whose}" in flow["comment"]]
            found = {flow["request"]["path"].partition("?")[0]: flow for flow in flows}
            if set(wanted) <= set(found):
                return found
            time.sleep(0.1)
        raise AssertionError(f"not shown: {set(wanted) - set(found)}")


@pytest.fixture(scope="module")
def mirror(one_standin, tmp_path_factory):
    environ = {"GROK_CONNECT_TO": one_standin.connect_to, "GROK_CA_FILE": str(one_standin.ca_file)}
    wire = runs.wire
    with pytest.MonkeyPatch.context() as patch:
        socket = tmp_path_factory.mktemp("flows") / "s"
        patch.setattr(runs, "wire", lambda: replace(wire(), flow_socket=socket))
        with running_mirror(tmp_path_factory.mktemp("mitmweb"), environ) as running:
            account = one_standin.accounts["super"]
            running.account_ids["super"] = add_account(account.sso, "super", account.user_id)
            running.wait_for_accounts(1)
            yield running


@pytest.fixture(scope="module")
def web(mirror):
    started = Mitmweb(mirror, free_port())
    yield started
    started.stop()


@pytest.fixture
def echoing(standin):
    standin.control.switch(echo=True)
    return standin


async def test_it_shows_what_passed_and_no_secret(mirror, alice, echoing, web):
    chat, list_path = "/rest/app-chat/conversations/new", "/rest/app-chat/conversations"
    alice.http.get(mirror.url + "/")
    alice.http.get(mirror.url + list_path)
    body = {"message": "/plain hello there", "modeId": "fast"}
    answer = alice.http.post(mirror.url + chat, json=body, headers=signed(mirror))
    assert answer.status_code == 200
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(ws_url(mirror, echoing), headers=headers_of(mirror, alice)) as chatting,
    ):
        await say(chatting, "/plain on the socket")
    found = web.wait_for(["/", list_path, chat, "/ws/mgw/"], f"user:{alice.user_id}")
    assert found[chat]["comment"].endswith("on account 1")
    asked = web.get(f"/flows/{found[chat]['id']}/request/content.data").content
    assert b"hello there" in asked
    told = web.get(f"/flows/{found[chat]['id']}/response/content.data").content
    assert told == answer.content
    said = web.get(f"/flows/{found['/ws/mgw/']['id']}/messages/content/auto.json").text
    assert "on the socket" in said
    everything = web.get("/flows/dump").content + web.get("/flows").content
    for form in [*secrets_of(mirror, echoing), alice.cookie.encode()]:
        assert form not in everything
    assert {flow["request"]["host"] for flow in web.flows()} == {"grok.com"}


def test_it_shows_the_apis_questions(mirror, standin, web):
    standin.control.switch(signed="off")
    for transport in ("mgw", "http"):
        assert text_of(ask(port_to(mirror, transport), "/plain", ENV)) == "Hello 👋"
    web.wait_for(["/rest/app-chat/conversations/new", "/ws/mgw/"], "env")


def test_it_asks_for_its_password(web, mirror):
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        for path in ("/", "/flows", "/flows/dump", "/options"):
            answer = requests.get(web.url + path, headers=headers, timeout=10)
            assert answer.status_code == 403
    behind = requests.get(f"{mirror.url}/flows", timeout=10)
    assert behind.status_code != 200, "it is no path of the mirror"


def put(web, path, method="PUT", value=None):
    """As the page does, which guards against forgery by a cookie that is said twice."""
    token = secrets.token_hex(16)
    headers = {**web.auth, "X-XSRFToken": token, "Cookie": f"_mitmproxy_xsrf={token}"}
    return requests.request(method, web.url + path, json=value, headers=headers, timeout=10)


def test_its_password_is_no_shell(web, tmp_path):
    """What mitmweb's page can do elsewhere, it cannot do here: nothing of it is there."""
    script = tmp_path / "evil.py"
    script.write_text(f"open({str(tmp_path / 'loaded')!r}, 'w')")
    assert put(web, "/options", value={"view_filter": "~u grok"}).status_code == 200
    put(web, "/options", value={"scripts": [str(script)]})
    put(web, "/options", value={"save_stream_file": str(tmp_path / "stream")})
    put(web, "/options", value={"server": True, "mode": ["regular@127.0.0.1:0"]})
    for command, arguments in (
        ("export.file", ["raw", "@all", str(tmp_path / "file")]),
        ("cut.save", ["@all", "url", str(tmp_path / "cut")]),
        ("options.save", [str(tmp_path / "options")]),
        ("script.run", ["@all", str(script)]),
        ("view.flows.load", [str(script)]),
        ("replay.client", ["@all"]),
    ):
        answer = put(web, f"/commands/{command}", "POST", {"arguments": arguments})
        assert "Unknown command" in answer.json()["error"]
    assert list(tmp_path.iterdir()) == [script]
    put(web, "/options", value={"view_filter": ""})
    assert put(web, "/options", value={"protobuf_definitions": str(script)}).status_code == 403
    assert web.get("/processes").status_code == 403
    assert web.get("/state").json()["servers"] == {}


def test_the_mirror_does_not_depend_on_it(mirror, alice, web):
    web.stop()
    for _ in range(3):
        assert alice.http.get(mirror.url + "/rest/app-chat/conversations").status_code == 200
    web.start()
    web.wait_for(["/rest/app-chat/conversations"])


def test_its_socket_is_the_mirrors_alone(mirror, web):
    assert mirror.wiring.flow_socket.stat().st_mode & 0o077 == 0


def test_strangers_send_it_little(web):
    """Before it has asked for a password."""
    address = ("127.0.0.1", int(web.url.rpartition(":")[2]))
    with socket.create_connection(address, 5) as stranger:
        head = "POST /flows/dump HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n"
        stranger.sendall(head.encode())
        assert stranger.recv(12).startswith(b"HTTP/1.1 4")
