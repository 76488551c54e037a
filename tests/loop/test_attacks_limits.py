"""What one visitor may make the proxy hold, and for how long."""

import contextlib
import socket
import struct
import time
from pathlib import Path

import aiohttp
import pytest

from addons import wire_limits
from tests.loop.test_chat import headers_of, ws_url

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


def test_the_wrapped_functions_are_where_they_were():
    wire_limits.install()
    wire_limits.install()
