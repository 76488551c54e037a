"""What one visitor may make the proxy hold, and for how long."""

import contextlib
import socket
import struct
import threading
import time
from pathlib import Path

import aiohttp
import pytest
from mitmproxy.net import tls as net_tls
from OpenSSL import SSL

from addons import idle_clients, wire_limits
from tests.loop.test_chat import headers_of, ws_url
from tests.running_mirror import add_account, proxy_in_thread

MIB = 1024 * 1024


def memory(mirror):
    """The proxy's resident memory in MiB."""
    pid = mirror.processes["addons"].pid
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / MIB


def begin(mirror, *lines):
    sock = socket.create_connection(mirror.wiring.proxy_listen, timeout=5)
    host = f"Host: {mirror.url.removeprefix('http://')}"
    sock.sendall("\r\n".join([lines[0], host, *lines[1:], ""]).encode())
    return sock


def pour(sock, size):
    """True once no more is taken."""
    piece = b"x" * MIB
    try:
        for _ in range(size // MIB):
            sock.sendall(piece)
    except (BrokenPipeError, ConnectionResetError, TimeoutError):
        return True
    return False


def test_a_head_that_never_ends_is_cut_off(mirror, standin):
    before = memory(mirror)
    with begin(mirror, "GET / HTTP/1.1", "X: ") as sock:
        assert pour(sock, 64 * MIB), "all of it was taken"
    assert memory(mirror) - before < 16
    assert mirror.person("x").http.get(mirror.url + "/healthz").text == "ok"


def test_many_headers_without_end_are_cut_off(mirror, standin):
    with begin(mirror, "GET / HTTP/1.1", "X: a") as sock:
        try:
            for number in range(50_000):
                sock.sendall(b"X-%d: %s\r\n" % (number, b"y" * 100))
        except (BrokenPipeError, ConnectionResetError):
            return
        pytest.fail("all of it was taken")


@pytest.mark.parametrize("path", ["/nope", "/rest/user-settings", "/-/csp-report", "/healthz"])
def test_the_body_of_a_refused_request_is_not_kept(mirror, standin, path):
    standin.control.forget_requests()
    before = memory(mirror)
    size = 100 * MIB
    lines = (f"POST {path} HTTP/1.1", f"Content-Length: {size}", "\r\n")
    with begin(mirror, *lines) as sock:
        pour(sock, size)
        sock.settimeout(10)
        assert b"HTTP/1.1" in sock.recv(100)
    assert memory(mirror) - before < 32
    assert standin.control.requests() == []


def test_bodies_that_are_held_have_a_bound(mirror, alice, standin):
    lines = (
        "POST /rest/app-chat/conversations/new HTTP/1.1",
        f"Cookie: mirror_session={alice.cookie}",
        "Content-Type: application/json",
        "Content-Length: 100000000",
        "\r\n",
    )
    with begin(mirror, *lines) as sock:
        sock.settimeout(2)
        assert pour(sock, 95 * MIB), "all of it was taken"
        with contextlib.suppress(ConnectionResetError):
            assert b" 413 " in sock.recv(100)
    assert standin.control.requests(path="/rest/app-chat/conversations/new") == []


async def test_a_message_without_end_closes_its_socket(mirror, alice, standin):
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(ws_url(mirror, standin), headers=headers_of(mirror, alice)) as opened,
    ):
        raw = opened.get_extra_info("socket").dup()
        raw.setblocking(True)
        raw.settimeout(2)
        mask = b"\0\0\0\0"
        began = time.monotonic()
        closed = False
        for opcode in [1] + [0] * 100:
            frame = bytes([opcode, 0xFF]) + struct.pack(">Q", MIB) + mask + b"x" * MIB
            try:
                raw.sendall(frame)
            except (BrokenPipeError, ConnectionResetError, TimeoutError):
                closed = True
                break
        assert closed, "all of it was taken"
        assert time.monotonic() - began < 20
        raw.close()
    assert alice.http.get(mirror.url + "/healthz").text == "ok"


def test_half_requests_are_not_waited_for(standin, tmp_path, monkeypatch):
    monkeypatch.setattr(idle_clients, "FIRST_HEAD_SECONDS", 1.0)
    monkeypatch.setattr(idle_clients, "NEXT_HEAD_SECONDS", 2.0)
    environ = {"GROK_CONNECT_TO": standin.connect_to, "GROK_CA_FILE": str(standin.ca_file)}
    with proxy_in_thread(tmp_path, environ) as mirror:
        account = standin.accounts["super"]
        person = mirror.person("a", add_account(account.sso, "a", account.user_id))
        mirror.wait_for_accounts(1)
        standin.control.switch(latency_ms=4000)
        answers = []
        thread = threading.Thread(
            target=lambda: answers.append(person.http.get(mirror.url + "/rest/user-settings"))
        )
        thread.start()
        for lines in (("GET / HTTP/1.1", "X: "), ("GET /healthz HTTP/1.1", "\r\nGET / HTTP/1.1")):
            with begin(mirror, *lines) as sock:
                ended = drip(sock)
            assert 0.5 < ended < 4.5
        thread.join()
        assert answers[0].status_code == 200


def drip(sock):
    """A byte now and then; the seconds until the other side had enough."""
    began = time.monotonic()
    sock.settimeout(0.1)
    while time.monotonic() - began < 10:
        try:
            sock.sendall(b"x")
            if sock.recv(1000) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


def test_the_wrapped_functions_are_where_they_were():
    wire_limits.install()
    wire_limits.install()


def test_tls_that_is_silent_holds_no_buffers():
    wire_limits.install()
    made = net_tls.create_proxy_server_context.__wrapped__(
        method=net_tls.Method.TLS_CLIENT_METHOD, min_version=net_tls.Version.TLS1_2,
        max_version=net_tls.Version.UNBOUNDED, cipher_list=None, ecdh_curve=None,
        verify=net_tls.Verify.VERIFY_PEER, ca_path=None, ca_pemfile=None, client_cert=None,
        legacy_server_connect=False,
    )  # fmt: skip
    modes = made.set_mode(0)
    assert modes & SSL.MODE_RELEASE_BUFFERS
