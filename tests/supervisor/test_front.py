"""What our configuration of nginx does, seen through a real one."""

import asyncio
import contextlib
import stat
import subprocess

import pytest

from supervisor.front import FrontError, find_nginx, write_front
from tests.supervisor.toy_front import (
    NEEDS_NGINX,
    NGINX,
    SECRET,
    STATIC,
    ToyProxy,
    make_plan,
    running,
    serving,
)

pytestmark = NEEDS_NGINX


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "c.pem", folder / "k.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=mirror.test"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.fixture
async def front():
    async with running(ToyProxy()) as front:
        yield front


async def test_headers_of_ours_are_replaced(front):
    await front.get("/", "X-Mirror-Front: forged\r\nX-Mirror-Peer: 9.9.9.9\r\nX-Mirror-User: 1\r\n")
    head = front.last_head()
    assert f"x-mirror-front: {SECRET}\r\n" in head
    assert "x-mirror-peer: 127.0.0.1\r\n" in head
    assert "x-mirror-scheme: http\r\n" in head
    assert "forged" not in head
    assert "x-mirror-user" not in head


async def test_host_and_forwarding_headers_pass_unchanged(front):
    await front.get("/", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n")
    head = front.last_head()
    assert "host: mirror.test\r\n" in head
    assert "x-forwarded-for: 1.2.3.4\r\n" in head
    assert "x-forwarded-proto: https\r\n" in head


@pytest.mark.parametrize("path", ["/a//b/../c", "/a%2Fb%20c?q=%C3%A9&r=//", "/%E4%BD%A0"])
async def test_path_passes_byte_for_byte(front, path):
    await front.get(path)
    assert front.toy.heads[-1].startswith(f"GET {path} HTTP/1.1\r\n")


async def test_websocket_passes(front):
    reader, writer = await front.connect()
    writer.write(
        b"GET /ws HTTP/1.1\r\nHost: m\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n"
    )
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    writer.write(b"ping")
    assert b" 101 " in head
    assert await asyncio.wait_for(reader.readexactly(4), 5) == b"PING"
    assert "connection: upgrade\r\n" in front.last_head()


async def test_other_upgrades_are_not_passed(front):
    await front.get("/", "Upgrade: h2c\r\n")
    assert "upgrade" not in front.last_head().replace("upgrade-insecure", "")


async def test_first_byte_of_a_stream_arrives_before_the_second_is_made(front):
    reader, writer = await front.connect()
    writer.write(b"GET /stream HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n")
    early = await asyncio.wait_for(reader.readuntil(b"1\r\na\r\n"), 5)
    front.toy.release.set()
    late = await asyncio.wait_for(reader.read(), 5)
    assert b"a" in early
    assert b"x-accel-buffering: no\r\n" in early.lower()  # for whoever stands before us
    assert b"b" in late


async def test_upload_reaches_the_proxy_before_it_is_complete(front):
    reader, writer = await front.connect()
    writer.write(b"POST /upload HTTP/1.1\r\nHost: m\r\nContent-Length: 4\r\n\r\nx")
    await asyncio.wait_for(front.toy.release.wait(), 5)
    writer.write(b"yzw")
    assert b" 200 " in await asyncio.wait_for(reader.readline(), 5)


async def test_connections_to_the_proxy_are_kept(front):
    for _ in range(3):
        await front.get("/")
    assert "connection: close" not in front.last_head()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/" + "a" * 9000, "", 414, id="a URL over 8 kB"),
        pytest.param("/", "X-A: " + "a" * 9000 + "\r\n", 400, id="a header over 8 kB"),
        pytest.param(
            "/", "".join(f"X-{n}: {'a' * 4000}\r\n" for n in range(12)), 400, id="48 kB of headers"
        ),
        pytest.param("/", f"Content-Length: {129 * 2**20}\r\n", 413, id="a body over 128 MB"),
    ],
)
async def test_oversize_is_refused_with_our_page(front, path, headers, status):
    seen = len(front.toy.heads)
    answer = await front.get(path, headers, "POST" if "Length" in headers else "GET")
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert "<!doctype html>" in answer
    assert "nginx/" not in answer
    assert len(front.toy.heads) == seen


async def test_version_is_not_told(front):
    answer = await front.get("/")
    assert "Server: nginx\r\n" in answer


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/v1/models", "application/json"), ("/p/q/v1/x", "application/json")],
)
async def test_dead_proxy_gives_our_page_in_the_right_form(path, kind):
    toy = ToyProxy()
    async with running(toy) as front:
        toy.server.close()
        toy.server.close_clients()
        answer = await front.get(path)
    assert answer.startswith("HTTP/1.1 502 ")
    assert f"Content-Type: {kind}" in answer
    assert "Cache-Control: no-store" in answer


async def test_static_files_are_cached_for_everybody(front):
    first = await front.get(STATIC + "a.js", "Cookie: mirror_session=1\r\n")
    head = front.last_head()
    second = await front.get(STATIC + "a.js", "Cookie: mirror_session=2\r\n")
    assert first.split("\r\n\r\n")[1] == second.split("\r\n\r\n")[1]
    assert "cookie" not in head
    other = await front.get(STATIC + "a.js", "X-Forwarded-Proto: https\r\n")
    assert other.split("\r\n\r\n")[1] != first.split("\r\n\r\n")[1]


async def test_nobody_chooses_what_is_cached_for_all(front):
    chosen = "Range: bytes=0-3\r\nAccept: text/html\r\nOrigin: http://evil\r\nX-Any: 1\r\n"
    chosen += "If-None-Match: a\r\nAuthorization: Bearer a\r\nUpgrade: websocket\r\n"
    body = "Content-Length: 3\r\nConnection: close\r\n\r\nabc"
    await front.exchange(
        f"GET {STATIC}chosen.js HTTP/1.1\r\nHost: mirror.test\r\n{chosen}{body}".encode()
    )
    head = front.last_head()
    for name in ("range", "accept:", "origin:", "x-any", "if-none", "authorization", "length"):
        assert name not in head.replace("x-mirror-origin", "")


@pytest.mark.parametrize(
    "path",
    [
        STATIC + "../../../rest/auth/get-user",
        STATIC + "..%2f..%2f..%2frest/auth/get-user",
        "/rest/auth/get-user/..%2f..%2f..%2f" + STATIC.lstrip("/") + "a.js",
        "/%2d/cdn.grok.com/_next/static/a.js",
    ],
)
async def test_a_path_in_two_readings_is_nobodys_page(front, path):
    first = await front.get(path, "Cookie: mirror_session=1\r\n")
    asked = [head for head in front.toy.heads if head.split()[1] == path]
    assert len(asked) == 1
    if "static" in path and "cookie" in asked[0].lower():
        second = await front.get(path, "Cookie: mirror_session=2\r\n")
        assert first.split("\r\n\r\n")[1] != second.split("\r\n\r\n")[1], "a page was kept"


async def test_static_files_are_no_service_workers(front):
    await front.get(STATIC + "worker.js")
    answer = await front.get(STATIC + "worker.js", "Service-Worker: script\r\n")
    assert answer.startswith("HTTP/1.1 404")


async def test_answers_that_set_cookies_are_not_cached(front):
    first = await front.get(STATIC + "set-cookie.js")
    second = await front.get(STATIC + "set-cookie.js")
    assert first.split("\r\n\r\n")[1] != second.split("\r\n\r\n")[1]


async def test_internal_calls_keep_their_secret(front):
    reader, writer = await front.connect(front.plan.internal_listen)
    writer.write(b"GET /x HTTP/1.1\r\nHost: m\r\nX-Mirror-Secret: s3\r\nConnection: close\r\n\r\n")
    await reader.read()
    assert "x-mirror-secret: s3\r\n" in front.last_head()
    assert "x-mirror-front" not in front.last_head()


async def test_a_conversation_goes_to_one_proxy_and_the_rest_to_any():
    first, second = ToyProxy(), ToyProxy()
    async with serving(second) as other, serving(first) as proxy:
        proxies = {"internal_proxies": (proxy, other)}
        async with running(ToyProxy(), **proxies) as front:
            for number in range(40):
                reader, writer = await front.connect(front.plan.internal_listen)
                sticky = f"X-Mirror-Sticky: c{number % 10}\r\n" if number < 30 else ""
                head = f"GET /x HTTP/1.1\r\nHost: m\r\n{sticky}Connection: close\r\n\r\n"
                writer.write(head.encode())
                assert (await reader.read()).startswith(b"HTTP/1.1 200")
    one, two = (set(map(conversation_in, toy.heads)) for toy in (first, second))
    assert one & two == {""}, "only what names no conversation is spread"
    assert len(one | two) == 11


def conversation_in(head):
    return head.lower().partition("x-mirror-sticky: ")[2].partition("\r\n")[0]


async def test_client_that_drips_headers_is_dropped(front):
    reader, writer = await front.connect()
    writer.write(b"GET / HTTP/1.1\r\nHost: m\r\n")

    async def drip():
        while True:
            await asyncio.sleep(1)
            writer.write(b"X-A: b\r\n")
            await writer.drain()

    dripping = asyncio.create_task(drip())
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 14)
    dripping.cancel()


async def test_tls_speaks_http2(certificate):
    cert, key = certificate
    async with running(ToyProxy(), certificate=cert, certificate_key=key) as front:
        url = f"https://mirror.test:{front.address[1]}/"
        curl = await asyncio.create_subprocess_exec(
            "curl", "-s", "-o", "/dev/null", "-w", "%{http_version} %{http_code}",
            "--cacert", cert, "--resolve", f"mirror.test:{front.address[1]}:127.0.0.1", url,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await curl.communicate()
        assert out == b"2 200"
        assert "x-mirror-scheme: https\r\n" in front.last_head()
        plain = await front.get("/a?b")
        assert "Location: https://mirror.test/a?b" in plain


async def test_bad_certificate_is_named(tmp_path):
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    plan = make_plan(tmp_path, ("127.0.0.1", 9), {"certificate": broken, "certificate_key": broken})
    with pytest.raises(FrontError, match=r"broken\.pem"):
        write_front(NGINX, plan)


async def test_files_with_the_secret_are_private(front):
    config = front.plan.runtime_dir / "nginx.conf"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert SECRET in config.read_text()


async def test_missing_nginx_is_none(tmp_path):
    assert find_nginx(str(tmp_path)) is None
