"""Odd requests as bytes on the wire: refused here, never seen upstream, never a traceback."""

import socket

import pytest
import requests


def exchange(mirror, data, timeout=5):
    """Send bytes, read until the server closes or pauses."""
    with socket.create_connection(mirror.wiring.proxy_listen, timeout=timeout) as sock:
        sock.sendall(data)
        sock.settimeout(1)
        answer = b""
        try:
            while piece := sock.recv(65536):
                answer += piece
        except TimeoutError:
            pass
        return answer


def request(mirror, line=b"GET / HTTP/1.1", *headers, host=None, body=b""):
    host = host or mirror.url.removeprefix("http://").encode()
    lines = [line, b"Host: " + host, *headers, b"", b""]
    return exchange(mirror, b"\r\n".join(lines) + body)


ODD = {
    "TRACE": (b"TRACE / HTTP/1.1", (), b"405"),
    "absolute form": (b"GET http://127.0.0.1:22/ HTTP/1.1", (), b"400"),
    "two slashes": (b"GET //evil/x HTTP/1.1", (), b"400"),
    "asterisk": (b"OPTIONS * HTTP/1.1", (), b"400"),
    "dot segments": (b"GET /a/..%2fb HTTP/1.1", (), b"400"),
    "two hosts": (b"GET / HTTP/1.1", (b"Host: evil",), b"400"),
    "underscore header": (b"GET / HTTP/1.1", (b"x_mirror_user: 1",), b"400"),
    "NUL in a value": (b"GET / HTTP/1.1", (b"x: a\x00b",), b"400"),
    "bare CR in a value": (b"GET / HTTP/1.1", (b"x: a\rb",), b"400"),
    "service worker": (b"GET /sw.js HTTP/1.1", (b"Service-Worker: script",), b"404"),
    "length and chunks": (
        b"POST / HTTP/1.1",
        (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        b"400",
    ),
    "two lengths": (b"POST / HTTP/1.1", (b"Content-Length: 5", b"Content-Length: 6"), b"400"),
    "CONNECT": (b"CONNECT grok.com:443 HTTP/1.1", (), b"400"),
    "unknown version": (b"GET / HTTP/9.9", (), b"400"),
    "endless header": (b"GET / HTTP/1.1", (b"x: " + b"a" * 40_000,), b"400"),
}


@pytest.mark.parametrize(("line", "headers", "status"), ODD.values(), ids=ODD)
def test_odd_requests_are_refused(mirror, standin, line, headers, status):
    standin.control.forget_requests()
    answer = request(mirror, line, *headers)
    assert answer.split(b" ")[1] == status, answer[:200]
    assert b"mitmproxy" not in answer.lower()
    assert b"Traceback" not in answer
    assert standin.control.requests() == []


def test_a_forged_identity_changes_nothing(mirror, standin):
    answer = request(
        mirror,
        b"GET /rest/app-chat/conversations HTTP/1.1",
        b"X-Mirror-User: 1",
        b"X-Mirror-Session: 1",
        b"X-Mirror-Secret: 0",
        b"X-Forwarded-For: 127.0.0.1",
    )
    assert answer.startswith(b"HTTP/1.1 401")


def test_the_internal_listener_wants_the_secret(mirror, standin):
    port = mirror.wiring.internal_listen[1]
    for headers in ("", f"x-mirror-secret: {'0' * 64}\r\n", "x-mirror-caller: user:1\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            sock.sendall(
                f"GET / HTTP/1.1\r\nHost: a\r\n{headers}Connection: close\r\n\r\n".encode()
            )
            assert sock.recv(100).startswith(b"HTTP/1.1 404")
    assert standin.control.requests(host="grok.com") == []


def test_the_internal_listener_is_closed_to_pages(mirror):
    port, secret = mirror.wiring.internal_listen[1], mirror.wiring.secret
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
        head = f"GET / HTTP/1.1\r\nHost: a\r\nx-mirror-secret: {secret}\r\nOrigin: http://a\r\n\r\n"
        sock.sendall(head.encode())
        assert sock.recv(100).startswith(b"HTTP/1.1 404")


def test_the_onboarding_page_of_mitmproxy_is_not_there(mirror):
    answer = request(mirror, b"GET / HTTP/1.1", b"Accept: text/html", host=b"mitm.it")
    assert b"mitmproxy" not in answer.lower()


def test_users_alternating_on_one_connection_stay_apart(mirror, alice, bob, standin):
    with mirror.connection() as connection:
        for person, name in [(alice, "super"), (bob, "heavy")] * 20:
            headers = {"cookie": f"mirror_session={person.cookie}"}
            connection.request("GET", "/api/auth/session", headers=headers)
            assert standin.accounts[name].user_id.encode() in connection.getresponse().read()


def test_a_page_of_another_site_can_read_that_the_api_is_down(mirror):
    answer = requests.get(f"{mirror.url}/v1/models", headers={"Origin": "https://chat.example"})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "sidecar_down"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    elsewhere = requests.get(f"{mirror.url}/rest/x", headers={"Origin": "https://chat.example"})
    assert "Access-Control-Allow-Origin" not in elsewhere.headers


def test_without_a_front_nobody_is_handed_over(mirror):
    headers = {"X-Mirror-Handover": "1"}
    for path in ("/v1/models", "/-/sign-in"):
        answer = requests.get(mirror.url + path, headers=headers, timeout=10)
        told = [name for name in answer.headers if name.lower().startswith(("x-accel", "x-mirror"))]
        assert not told
