"""Whatever the upstream writes on the wire: no secret of the account reaches the browser."""

import base64
import gzip
import socket
import struct
import threading

import pytest

from tests.hostile_upstream import hostile_upstream
from tests.running_mirror import add_account, running_mirror

SSO = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiMTIzIn0.aGVyZSBpcyB0aGUgc2lnbmF0dXJl"
SECRET = SSO.encode()


@pytest.fixture(scope="module")
def upstream(tmp_path_factory):
    with hostile_upstream(tmp_path_factory.mktemp("upstream")) as running:
        yield running


@pytest.fixture(scope="module")
def mirror(upstream, tmp_path_factory):
    with running_mirror(tmp_path_factory.mktemp("mirror"), upstream.environ) as running:
        running.account_ids["only"] = add_account(SSO, "only", "11111111-2222-4333-8444-5")
        upstream.says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        running.wait_for_accounts(1)
        yield running


@pytest.fixture
def alice(mirror):
    return mirror.person("alice", mirror.account_ids["only"])


def exchange(mirror, person, line=b"GET / HTTP/1.1", *headers, body=b"", wait=3.0):
    """One request as bytes; everything that comes back until the end or a pause."""
    host = mirror.url.removeprefix("http://").encode()
    cookie = b"Cookie: mirror_session=" + person.cookie.encode()
    head = b"\r\n".join([line, b"Host: " + host, cookie, *headers, b"", b""])
    with socket.create_connection(mirror.wiring.proxy_listen, timeout=wait) as sock:
        sock.sendall(head + body)
        answer = b""
        try:
            while piece := sock.recv(65536):
                answer += piece
                sock.settimeout(0.15)
        except (TimeoutError, ConnectionResetError):
            pass
        return answer


def answer(*headers, status=b"200 OK", body=b"", length=True):
    lines = [b"HTTP/1.1 " + status, *headers]
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", b""]) + body


def chunked(*pieces, end=b"0\r\n\r\n"):
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + end


JSON, HTML = b"Content-Type: application/json", b"Content-Type: text/html"
CHUNKED = b"Transfer-Encoding: chunked"
PLACES = {
    "the reason": answer(status=b"200 " + SECRET),
    "the reason of an error": answer(status=b"500 " + SECRET),
    "a cookie that passes": answer(b"Set-Cookie: theme=" + SECRET),
    "a cookie's attribute": answer(b"Set-Cookie: theme=x; Path=/" + SECRET),
    "a header that passes": answer(b"Content-Language: " + SECRET),
    "a content type": answer(b"Content-Type: text/" + SECRET),
    "a redirect": answer(b"Location: /a?" + SECRET, status=b"302 Found"),
    "a link": answer(b"Link: </" + SECRET + b">; rel=preload"),
    "a refresh": answer(b"Refresh: 0; /" + SECRET),
    "a body nobody expects": answer(status=b"304 Not Modified", length=False) + SECRET,
    "a body after no content": answer(status=b"204 No Content", length=False) + SECRET,
    "the body of a 204 with a length": answer(status=b"204 No Content", body=SECRET),
    "a hint": answer(b"Link: </" + SECRET + b">", status=b"103 Early Hints", length=False)
    + answer(),
    "many hints": answer(b"X: " + SECRET, status=b"103 Early Hints", length=False) * 3 + answer(),
    "a 100": answer(b"X: " + SECRET, status=b"100 " + SECRET, length=False) + answer(),
    "a 101 nobody asked for": answer(
        b"Upgrade: x", b"Connection: Upgrade", status=b"101 Go", length=False
    )
    + SECRET * 3,
    "a chunk's extension": answer(CHUNKED, JSON, length=False) + b"2;x=" + SECRET
    + b"\r\n{}\r\n0\r\n\r\n",
    "a trailer": answer(CHUNKED, JSON, length=False)
    + chunked(b"{}", end=b"0\r\nX-T: " + SECRET + b"\r\n\r\n"),
    "JSON": answer(JSON, body=b'{"a":"' + SECRET + b'"}'),
    "JSON cut": answer(JSON, CHUNKED, length=False) + chunked(b'"', SECRET[:9], SECRET[9:], b'"'),
    "plain text": answer(b"Content-Type: text/plain", body=SECRET),
    "no type": answer(body=SECRET),
    "two types": answer(b"Content-Type: image/png", HTML, body=SECRET),
    "an unknown type": answer(b"Content-Type: a/b", body=SECRET),
    "bytes": answer(b"Content-Type: application/octet-stream", body=b"\x00" * 10 + SECRET),
    "SVG": answer(b"Content-Type: image/svg+xml", body=b"<svg>" + SECRET + b"</svg>"),
    "multipart": answer(b"Content-Type: multipart/x-mixed-replace; boundary=a", body=SECRET),
    "gRPC": answer(b"Content-Type: application/grpc-web+proto", body=b"\0\0\0\0\x99" + SECRET),
    "gRPC as text": answer(
        b"Content-Type: application/grpc-web-text", body=base64.b64encode(b"\0\0\0\0\x99" + SECRET)
    ),
    "part of a text": answer(
        HTML, b"Content-Range: bytes 0-9/10", status=b"206 Partial Content", body=SECRET
    ),
    "an unknown charset": answer(b"Content-Type: text/html; charset=x-user", body=SECRET),
    "UTF-16": answer(
        b"Content-Type: text/html; charset=utf-16", body=b"\xff\xfe" + SSO.encode("utf-16-le")
    ),
    "gzip": answer(JSON, b"Content-Encoding: gzip", body=gzip.compress(SECRET)),
    "gzip of bytes": answer(
        b"Content-Type: image/png", b"Content-Encoding: gzip", body=gzip.compress(SECRET)
    ),
    "gzip twice": answer(
        HTML, b"Content-Encoding: gzip, gzip", body=gzip.compress(gzip.compress(SECRET))
    ),
    "gzip in two headers": answer(
        HTML,
        b"Content-Encoding: gzip",
        b"Content-Encoding: gzip",
        body=gzip.compress(gzip.compress(SECRET)),
    ),
    "an unknown coding": answer(HTML, b"Content-Encoding: aws", body=SECRET),
    "gzip, broken, then plain": answer(
        HTML, b"Content-Encoding: gzip", body=gzip.compress(b"a" * 99) + SECRET
    ),
    "more than the length": answer(JSON, body=b"{}") + answer(body=SECRET),
    "an error page": answer(HTML, status=b"500 Oh", body=SECRET),
    "a refusal": answer(JSON, status=b"403 No", body=b'{"error":"' + SECRET + b'"}'),
    "a header without a name": answer(b": " + SECRET),
    "a header with a space": answer(b"X Y: " + SECRET),
    "a folded header": answer(b"X-A: b\r\n " + SECRET),
    "no status": SECRET + b"\r\n\r\n",
    "HTTP/0.9": SECRET,
}  # fmt: skip
CLOSE = b"Connection: close"
REQUESTS = {
    "GET": (b"GET / HTTP/1.1", (CLOSE,)),
    "HEAD": (b"HEAD / HTTP/1.1", (CLOSE,)),
    "HTTP/1.0": (b"GET / HTTP/1.0", ()),
    "page": (b"GET / HTTP/1.1", (CLOSE, b"Accept: text/html")),
    "a file": (b"GET /-/assets.grok.com/a HTTP/1.1", (CLOSE, b"Range: bytes=0-9")),
    "upgrade": (
        b"GET /ws/mgw/ HTTP/1.1",
        (
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Version: 13",
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ),
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_no_place_shows_the_secret(mirror, alice, upstream, place):
    upstream.says(PLACES[place])
    for name, (line, headers) in REQUESTS.items():
        received = exchange(mirror, alice, line, *headers)
        assert SECRET not in received, name
        assert base64.b64encode(SECRET)[4:-4] not in received, name
        assert SSO.encode("utf-16-le") not in received, name
        assert b"mitmproxy" not in received.lower()
    assert any(SECRET in head for head in upstream.heads), "nobody was asked"


def frame(payload, opcode=1, final=True):
    length = len(payload)
    size = bytes([length]) if length < 126 else b"\x7e" + struct.pack(">H", length)
    return bytes([opcode | (0x80 if final else 0)]) + size + payload


FRAMES = {
    "a text": frame(SECRET),
    "bytes": frame(SECRET, 2),
    "a ping": frame(SECRET, 9),
    "a pong": frame(SECRET, 10),
    "a close reason": frame(struct.pack(">H", 1011) + SECRET, 8),
    "two frames": frame(SECRET[:20], final=False) + frame(SECRET[20:], 0),
    "a torn close": frame(b"\x03", 8),
    "an unknown opcode": frame(SECRET, 3),
    "a reserved bit": b"\xc1" + frame(SECRET)[1:],
}
HANDSHAKE = (
    b"Upgrade: websocket",
    b"Connection: Upgrade",
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
)


@pytest.mark.parametrize("kind", FRAMES)
def test_no_frame_shows_the_secret(mirror, alice, upstream, kind):
    over = threading.Event()

    def script(sock, _head):
        sock.sendall(answer(*HANDSHAKE, status=b"101 Go", length=False) + FRAMES[kind])
        over.wait(2)

    upstream.script = script
    line, headers = REQUESTS["upgrade"]
    received = exchange(mirror, alice, line, *headers)
    over.set()
    assert received.startswith(b"HTTP/1.1 101")
    assert SECRET not in received


def test_no_handshake_shows_the_secret(mirror, alice, upstream):
    for extra in (b"Sec-WebSocket-Protocol: " + SECRET, b"Sec-WebSocket-Extensions: " + SECRET):
        upstream.says(answer(*HANDSHAKE, extra, status=b"101 Go " + SECRET, length=False))
        line, headers = REQUESTS["upgrade"]
        assert SECRET not in exchange(mirror, alice, line, *headers)


def test_the_log_shows_nothing_of_all_that(mirror):
    assert SECRET not in mirror.log.read_bytes()


LEAVING = {
    "two slashes": b"Location: //evil.example/",
    "a control byte": b"Location: \x01//evil.example/",
    "a tab": b"Location: ht\ttps://evil.example/",
    "backslashes": b"Location: /\\evil.example/",
    "no slashes": b"Location: https:evil.example/",
    "user name": b"Location: https://grok.com@evil.example/",
    "a refresh": b"Refresh: 0; url=https://evil.example/",
    "a refresh without a name": b"Refresh: 0; https://evil.example/?a=b",
    "a refresh with a comma": b"Refresh: 0, //evil.example/",
    "a refresh with a control byte": b"Refresh: 0; url=\x01//evil.example/",
    "a link": b"Link: <//evil.example/>; rel=preconnect",
    "a link with backslashes": b"Link: </\\evil.example/>; rel=preconnect",
    "content location": b"Content-Location: //evil.example/",
}


@pytest.mark.parametrize("way", LEAVING)
def test_no_header_leads_away_from_the_mirror(mirror, alice, upstream, way):
    upstream.says(answer(LEAVING[way], status=b"302 Found"))
    assert b"evil" not in exchange(mirror, alice)
