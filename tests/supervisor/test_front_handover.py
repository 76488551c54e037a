"""Calls of the API: a proxy is asked, the bridge answers. A real nginx before two toys."""

import asyncio
import contextlib

import pytest

from tests.supervisor.toy_front import NEEDS_NGINX, SECRET, ToyProxy, running, serving

pytestmark = NEEDS_NGINX

LONG = f"https://{'open-webui.' * 20}example"
TOLD = {
    "host": "mirror.test",
    "origin": "https://mirror.test",
    "peer": "203.0.113.7",
    "request": "abcd",
    "user": "7",
}
FORGED = "".join(
    f"X-Mirror-{name}: forged\r\n"
    for name in ("Origin", "Peer", "Request", "User", "Session", "Secret", "Caller", "Scheme")
)


class Gate(ToyProxy):
    """Lets everything in but what it is told to refuse."""

    async def answer(self, head, reader, writer):
        if "refused" in head.split()[1]:
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")
            return
        told = "".join(f"X-Mirror-{name}: {value}\r\n" for name, value in TOLD.items())
        writer.write(f"HTTP/1.1 200 OK\r\nX-Accel-Redirect: @bridge\r\n{told}".encode())
        writer.write(b"Content-Length: 0\r\n\r\n")


class Bridge(ToyProxy):
    """Answers with what it was sent; remembers the bodies."""

    def __init__(self):
        super().__init__()
        self.bodies = []
        self.left = asyncio.Event()

    async def answer(self, head, reader, writer):
        length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
        self.bodies.append(await reader.readexactly(int(length or 0)))
        if "/v1/stream" in head:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
            await writer.drain()
            await reader.read()
            self.left.set()
            return
        writer.write(b"HTTP/1.1 201 Created\r\nX-Request-Id: abcd\r\nContent-Length: 2\r\n")
        writer.write(b"X-Accel-Redirect: /healthz\r\n\r\n" + (b"" if "HEAD" in head else b"hi"))


@contextlib.asynccontextmanager
async def fronted(**changes):
    bridge = Bridge()
    async with serving(bridge) as address:
        api = {"bridge": (address,), "bridge_paths": ("/v1/**", "/health"), "cors_origins": ("*",)}
        async with running(Gate(), **api | changes) as front:
            front.bridge = bridge
            yield front


@pytest.fixture
async def front():
    async with fronted() as front:
        yield front


async def post(front, path, body, headers=""):
    head = f"POST {path} HTTP/1.1\r\nHost: mirror.test\r\nContent-Length: {len(body)}\r\n{headers}"
    return await front.exchange(f"{head}Connection: close\r\n\r\n".encode() + body)


async def test_the_proxy_is_asked_and_the_bridge_answers(front):
    answer = await post(front, "/v1/chat/completions?a=%2F", b'{"a": 1}')
    assert answer.startswith("HTTP/1.1 201 ")
    assert answer.endswith("hi")
    asked, given = front.toy.heads[-1], front.bridge.heads[-1]
    assert asked.startswith("POST /v1/chat/completions?a=%2F ")
    assert given.startswith("POST /v1/chat/completions?a=%2F ")
    assert "content-length" not in asked.lower()
    assert front.bridge.bodies == [b'{"a": 1}']
    assert "x-accel" not in answer.lower()
    assert "x-mirror" not in answer.lower()


async def test_the_bridge_is_told_what_the_gate_found_out(front):
    forwarded = "X-Forwarded-For: 9.9.9.9\r\nForwarded: for=9.9.9.9\r\nAuthorization: Bearer k\r\n"
    await front.get("/v1/models", FORGED + forwarded)
    asked, given = front.toy.heads[-1].lower(), front.bridge.heads[-1].lower()
    assert "x-mirror-handover: 1\r\n" in asked
    for name, value in TOLD.items():
        line = f"{name}: {value}\r\n" if name == "host" else f"x-mirror-{name}: {value}\r\n"
        assert line in given
    assert f"x-mirror-secret: {SECRET}\r\n" in given
    assert "authorization: bearer k\r\n" in given
    for absent in ("forged", "9.9.9.9", "x-mirror-session", "handover", "x-mirror-front"):
        assert absent not in given


async def test_what_the_gate_refuses_the_bridge_never_sees(front):
    answer = await post(front, "/v1/refused", b"body")
    assert answer.startswith("HTTP/1.1 404 ")
    assert answer.endswith("no")
    assert not front.bridge.heads


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/models", "//v1/models", "/v1/../x", "/health/x"])
async def test_elsewhere_no_answer_leads_to_the_bridge(front, path):
    await front.get(path, FORGED + "X-Mirror-Handover: 1\r\n")
    assert "handover" not in front.toy.heads[-1].lower()
    assert not front.bridge.heads


async def test_an_exact_path_leads_there_too(front):
    assert (await front.get("/health?x")).startswith("HTTP/1.1 201 ")


async def test_a_head_request_has_no_body(front):
    answer = await front.get("/v1/models", method="HEAD")
    assert answer.startswith("HTTP/1.1 201 ")
    assert answer.endswith("\r\n\r\n")


@pytest.mark.parametrize("size", [100_000, 3_000_000])
async def test_large_questions_arrive_whole(front, size):
    body = bytes(range(256)) * (size // 256)
    assert (await post(front, "/v1/chat/completions", body)).startswith("HTTP/1.1 201 ")
    assert front.bridge.bodies == [body]


async def test_a_question_in_chunks_arrives_whole(front):
    head = b"POST /v1/x HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
    answer = await front.exchange(head + b"\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 201 ")
    assert front.bridge.bodies == [b"abcde"]


@pytest.mark.parametrize(
    ("origins", "origin", "told"),
    [
        pytest.param(("*",), "https://a.example", "*", id="every page"),
        pytest.param(("https://a.example",), "https://a.example", "https://a.example", id="listed"),
        pytest.param(("https://a.example",), "https://b.example", None, id="not listed"),
        pytest.param((LONG,), LONG, LONG, id="a long name"),
        pytest.param((), "https://a.example", None, id="none"),
    ],
)
async def test_a_page_may_read_why_it_was_refused(origins, origin, told):
    async with fronted(cors_origins=origins) as front:
        headers = f"Origin: {origin}\r\nContent-Length: {33 * 2**20}\r\n"
        answer = await front.get("/v1/chat/completions", headers, "POST")
    assert answer.startswith("HTTP/1.1 413 ")
    assert "Content-Type: application/json" in answer
    assert (f"Access-Control-Allow-Origin: {told}\r\n" in answer) is bool(told)
    assert ("Access-Control-Allow-Origin" in answer) is bool(told)


async def test_the_bridge_hears_when_a_client_leaves(front):
    reader, writer = await front.connect()
    writer.write(b"GET /v1/stream HTTP/1.1\r\nHost: m\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"1\r\na\r\n"), 5)
    writer.close()
    await asyncio.wait_for(front.bridge.left.wait(), 5)


async def test_no_proxy_is_kept_waiting_by_an_answer(front):
    reader, writer = await front.connect()
    writer.write(b"GET /v1/stream HTTP/1.1\r\nHost: m\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"1\r\na\r\n"), 5)
    before = len(front.toy.connections)
    await front.get("/v1/models")
    assert len(front.toy.connections) == before, "the first one's connection was free again"


async def test_a_dead_bridge_gives_an_error_in_json(front):
    front.bridge.server.close()
    front.bridge.server.close_clients()
    answer = await front.get("/v1/models", "Origin: https://a.example\r\n")
    assert answer.startswith("HTTP/1.1 502 ")
    assert "Content-Type: application/json" in answer
    assert "Access-Control-Allow-Origin: *\r\n" in answer
