"""The relay with real sockets: who may use it, how it gets out, what it does when it cannot."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from addons.dialing import Dialer, egress_tls
from addons.legs import Fault
from addons.name_lookup import NameLookup
from addons.relay import Relay
from addons.tunnel import Attempt, Candidate, Patience
from core.connect_to import parse_connect_to
from core.egress import EgressSpec
from tests.egress_proxies import CertificateAuthority, EgressProxy, Mode, Upstream, get, upstream

pytestmark = pytest.mark.loop

DEADLINE = 0.4
DIRECT = Candidate(None, None)


@dataclass
class FixedRoutes:
    """Always the same candidates; remembers what became of them."""

    ways: Sequence[Candidate] = ()
    used: list[Candidate | None] = field(default_factory=list)
    failed: list[Attempt] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def candidates(self, label: str) -> Sequence[Candidate]:
        self.labels.append(label)
        return self.ways

    def settled(self, label: str, used: Candidate | None, failed: Sequence[Attempt]) -> None:
        self.used.append(used)
        self.failed.extend(failed)
        self.told.set()

    @property
    def reasons(self) -> list[tuple[int | None, str]]:
        return [(attempt.candidate.egress_id, attempt.error.reason) for attempt in self.failed]


@dataclass
class World:
    ca: CertificateAuthority
    upstream: Upstream
    routes: FixedRoutes
    relay: Relay
    trust: ssl.SSLContext
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(self, head: str | None = None) -> "Client":
        reader, writer = await asyncio.open_connection(*self.relay.address)
        self.writers.append(writer)
        authorization = self.relay.authorization("label")
        head = head or f"CONNECT grok.test:443 HTTP/1.1\r\nProxy-Authorization: {authorization}"
        writer.write(f"{head}\r\n\r\n".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        return Client(reader, writer, answer.decode().split("\r\n", 1)[0].partition(" ")[2])

    async def get(self, path: str = "/") -> tuple[int, bytes]:
        client = await self.connect()
        assert client.status.startswith("200"), client.status
        await client.writer.start_tls(self.trust, server_hostname="grok.test")
        return await get(client.reader, client.writer, path)

    async def close(self) -> None:
        await self.relay.stop()
        for writer in self.writers:
            writer.transport.abort()

    def ways(self, *proxies: EgressProxy) -> None:
        self.routes.ways = [Candidate(n, proxy.spec) for n, proxy in enumerate(proxies, 1)]


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: str


@asynccontextmanager
async def made_world(tmp_path, connect_to: str | None = None) -> AsyncIterator[World]:
    ca = CertificateAuthority(tmp_path)
    async with upstream(ca.server("grok.test")) as served:
        table = parse_connect_to(connect_to or f"grok.test:443=localhost:{served.address[1]}")
        lookup = NameLookup()
        dialer = Dialer(tls=egress_tls(ca.file), connect_to=table, deadline=DEADLINE, lookup=lookup)
        routes = FixedRoutes()
        relay = Relay(
            routes=routes,
            dialer=dialer,
            may_reach={"grok.test", "else.test"}.__contains__,
            patience=Patience(head=0.3, first_byte=DEADLINE, last_bytes=0.2),
        )
        await relay.start()
        trust = ssl.create_default_context(cafile=ca.file)
        world = World(ca, served, routes, relay, trust)
        try:
            yield world
        finally:
            await world.close()
            lookup.close()


@pytest.fixture
async def world(tmp_path) -> AsyncIterator[World]:
    async with made_world(tmp_path) as made:
        yield made


# Ways out


@pytest.mark.parametrize(
    ("scheme", "credentials", "by"),
    [
        pytest.param("http", None, "name", id="http"),
        pytest.param("http", "user:p@ss:word", "name", id="http with a password"),
        pytest.param("https", "user:pw", "name", id="https with a password"),
        pytest.param("socks5", None, "address", id="socks5 is given an address"),
        pytest.param("socks5", "user:pw", "address", id="socks5 with a password"),
        pytest.param("socks5h", None, "name", id="socks5h is given the name"),
        pytest.param("socks5h", "user:pw", "name", id="socks5h with a password"),
        pytest.param("socks4", None, "address", id="socks4"),
    ],
)
async def test_out_through(world, scheme, credentials, by):
    tls = world.ca.server("127.0.0.1") if scheme == "https" else None
    async with EgressProxy(scheme, {}, credentials, tls=tls) as proxy:
        spec = proxy.spec
        if credentials == "user:p@ss:word":
            assert spec.password == "p@ss:word"
        world.ways(proxy)
        assert await world.get() == (200, b"connection 1")
    host = "localhost" if by == "name" else "127.0.0.1"
    assert [(seen.host, seen.by, seen.credentials) for seen in proxy.seen] == [
        (host, by, credentials)
    ]
    assert world.routes.used == [world.routes.ways[0]]


@pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks5h"])
async def test_an_egress_at_an_ipv6_literal(world, scheme):
    tls = world.ca.server("::1") if scheme == "https" else None
    async with EgressProxy(scheme, {}, "u:p", listen="::1", tls=tls) as proxy:
        world.ways(proxy)
        assert await world.get() == (200, b"connection 1")
    assert len(proxy.seen) == 1


async def test_an_ipv6_target_is_written_in_brackets(tmp_path):
    async with (
        made_world(tmp_path, "grok.test:443=[::1]:7") as world,
        EgressProxy("http", {"::1": world.upstream.address}) as proxy,
    ):
        world.ways(proxy)
        assert (await world.get())[0] == 200
    assert proxy.targets == [("::1", 7)]


async def test_an_answer_to_connect_may_come_in_two_segments(world):
    async with EgressProxy("http", {}, mode=Mode.SPLIT_HEAD) as proxy:
        world.ways(proxy)
        assert await world.get() == (200, b"connection 1")


async def test_directly_where_that_is_the_way(world):
    world.routes.ways = [DIRECT]
    assert await world.get() == (200, b"connection 1")


async def test_a_long_answer_arrives_whole(world):
    world.upstream.size = 5_000_000
    async with EgressProxy("socks5", {}) as proxy:
        world.ways(proxy)
        status, body = await world.get("/big")
    assert (status, len(body)) == (200, 5_000_000)


# Before the first byte: another egress


@pytest.mark.parametrize(
    ("scheme", "mode", "reason", "fault"),
    [
        ("http", Mode.REFUSE_407, "refused the user or password (407)", Fault.EGRESS),
        ("http", Mode.REFUSE_503, "answered 503", Fault.BEYOND),
        ("http", Mode.BLACK_HOLE, "timed out", Fault.EGRESS),
        ("socks5h", Mode.BLACK_HOLE, "timed out", Fault.EGRESS),
        ("socks5h", Mode.REFUSE_407, "refused the user or password", Fault.EGRESS),
        ("socks5", Mode.REFUSE_503, "refused (SOCKS reply 1)", Fault.EGRESS),
        (
            "http",
            Mode.ACCEPT_THEN_CLOSE,
            "connected, then closed the connection",
            Fault.BEYOND,
        ),
        (
            "socks5h",
            Mode.ACCEPT_THEN_CLOSE,
            "connected, then closed the connection",
            Fault.BEYOND,
        ),
        ("http", Mode.SILENT_TUNNEL, "connected, then nothing came", Fault.BEYOND),
    ],
)
async def test_a_bad_egress_is_passed_over(world, scheme, mode, reason, fault):
    started = time.monotonic()
    async with (
        EgressProxy(scheme, {}, "u:p", mode=mode) as bad,
        EgressProxy("socks5h", {}) as good,
    ):
        world.ways(bad, good)
        assert await world.get() == (200, b"connection 1")
        assert time.monotonic() - started < 3 * DEADLINE + 1
        assert bad.connections == 1
    assert world.routes.reasons == [(1, reason)]
    assert world.routes.failed[0].error.fault is fault
    assert world.routes.used == [world.routes.ways[1]]
    for hello in bad.hellos:
        assert hello.startswith(b"\x16\x03")  # it was a ClientHello, and was said again


async def test_an_egress_nobody_listens_at_is_passed_over(world):
    async with EgressProxy("http", {}) as gone:
        pass
    async with EgressProxy("http", {}) as good:
        world.ways(gone, good)
        assert (await world.get())[0] == 200
    assert world.routes.reasons == [(1, "refused the connection")]


async def test_an_https_egress_must_prove_itself(world, tmp_path):
    (tmp_path / "other").mkdir()
    stranger = CertificateAuthority(tmp_path / "other").server("127.0.0.1")
    async with EgressProxy("https", {}, "u:p", tls=stranger) as proxy:
        world.ways(proxy)
        client = await world.connect()
    assert client.status == "502 Egress failed"
    assert world.routes.reasons == [(1, "its certificate is not trusted")]
    assert proxy.seen == []  # no credentials were shown


async def test_at_most_one_other_is_tried(world):
    async with (
        EgressProxy("http", {}, mode=Mode.REFUSE_407) as one,
        EgressProxy("http", {}, mode=Mode.REFUSE_407) as two,
        EgressProxy("http", {}) as three,
    ):
        world.ways(one, two, three)
        assert (await world.connect()).status == "502 Egress failed"
        assert three.connections == 0
    assert world.upstream.connections == 0


async def test_without_any_way_nothing_goes_out(world):
    assert (await world.connect()).status == "502 No healthy egress"
    assert world.upstream.connections == 0


async def test_a_time_out_is_named_so(world):
    async with EgressProxy("http", {}, mode=Mode.BLACK_HOLE) as hole:
        world.ways(hole)
        started = time.monotonic()
        assert (await world.connect()).status == "504 Egress timed out"
    assert time.monotonic() - started < DEADLINE + 0.5


async def test_an_unknown_host_is_not_blamed_on_the_egress(tmp_path, monkeypatch):
    async def nothing_found(*_):
        raise OSError

    monkeypatch.setattr(NameLookup, "__call__", nothing_found)
    async with made_world(tmp_path, "grok.test:443=no.invalid:1") as world:
        world.routes.ways = [DIRECT]
        assert (await world.connect()).status == "502 Egress failed"
        assert world.routes.failed[0].error.fault is Fault.BEYOND


async def test_a_slow_name_server_ends_with_the_deadline(tmp_path, monkeypatch):
    async def never(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr(NameLookup, "__call__", never)
    async with made_world(tmp_path) as world:
        world.routes.ways = [DIRECT]
        assert (await world.connect()).status == "504 Egress timed out"


async def test_no_second_try_after_the_first_byte(world):
    async with (
        EgressProxy("http", {}, mode=Mode.DIE_MID_STREAM, lifetime=3_000) as dying,
        EgressProxy("http", {}) as good,
    ):
        world.ways(dying, good)
        with pytest.raises((OSError, asyncio.IncompleteReadError)):
            await world.get("/big")
        assert good.connections == 0
    assert world.routes.used == [world.routes.ways[0]]
    assert world.routes.failed == []


async def test_errors_hold_no_address_and_no_credentials(world, caplog):
    async with EgressProxy("http", {}, "user77:s3cret", mode=Mode.REFUSE_407) as bad:
        world.ways(bad)
        client = await world.connect()
    texts = client.status + caplog.text + str(world.routes.reasons)
    for secret in ("user77", "s3cret", "127.0.0.1", str(bad.port)):
        assert secret not in texts


# Who may use it


def signed(relay: Relay, authority: str = "grok.test:443", method: str = "CONNECT") -> str:
    return f"{method} {authority} HTTP/1.1\r\nProxy-Authorization: {relay.authorization('label')}"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param("CONNECT grok.test:443 HTTP/1.1", "403 Not for you", id="no secret"),
        pytest.param(
            "CONNECT grok.test:443 HTTP/1.1\r\nProxy-Authorization: Basic bGFiZWw6d3Jvbmc=",
            "403 Not for you",
            id="a wrong secret",
        ),
        pytest.param(
            "CONNECT grok.test:443 HTTP/1.1\r\nProxy-Authorization: Basic ***",
            "403 Not for you",
            id="not even base64",
        ),
        pytest.param("GET http://grok.test/ HTTP/1.1", "400 Bad request", id="not a CONNECT"),
        pytest.param("nonsense", "400 Bad request", id="not HTTP"),
        pytest.param("CONNECT grok.test HTTP/1.1", "400 Bad request", id="no port"),
        pytest.param("CONNECT \xff:443 HTTP/1.1", "400 Bad request", id="not ASCII"),
        pytest.param(f"CONNECT {'x' * 40_000}", "400 Bad request", id="a head without end"),
    ],
)
async def test_it_refuses(world, head, status):
    world.routes.ways = [DIRECT]
    assert (await world.connect(head)).status == status
    assert world.routes.labels == []


@pytest.mark.parametrize(
    "authority", ["evil.test:443", "grok.test:80", "127.0.0.1:443", "[::1]:443"]
)
async def test_it_is_no_open_proxy(world, authority):
    world.routes.ways = [DIRECT]
    client = await world.connect(signed(world.relay, authority))
    assert client.status == "403 Not a host of the upstream"
    assert world.routes.labels == []


async def test_two_authorizations_are_none(world):
    head = signed(world.relay)
    client = await world.connect(f"{head}\r\n{head.partition('\r\n')[2]}")
    assert client.status == "403 Not for you"


async def test_a_slow_head_is_cut_off(world):
    reader, writer = await asyncio.open_connection(*world.relay.address)
    writer.write(b"CONNECT grok")
    assert await asyncio.wait_for(reader.read(), 1) == b""
    writer.close()


async def test_it_listens_on_loopback_only(world):
    assert world.relay.address[0] == "127.0.0.1"


# Ends


async def test_a_client_that_hangs_up_takes_the_upstream_leg_with_it(world):
    async with EgressProxy("http", {}) as proxy:
        world.ways(proxy)
        client = await world.connect()
        await client.writer.start_tls(world.trust, server_hostname="grok.test")
        client.writer.write(b"GET /silent HTTP/1.1\r\n\r\n")
        await asyncio.wait_for(world.upstream.silent.wait(), 2)
        client.writer.transport.abort()
        await asyncio.wait_for(world.upstream.closed.wait(), 1)
        await asyncio.wait_for(proxy.ended.wait(), 1)


async def test_a_client_that_hangs_up_while_dialling_stops_the_dialling(world):
    async with EgressProxy("http", {}, mode=Mode.SILENT_TUNNEL) as proxy:
        world.ways(proxy)
        client = await world.connect()
        client.writer.close()
        await asyncio.wait_for(_until(lambda: not world.relay._tunnels), 1)
    assert not world.routes.told.is_set()  # that was nobody's fault


async def test_abort_cuts_the_tunnels_of_one_label_and_host(world):
    world.routes.ways = [DIRECT]
    client = await world.connect()
    await client.writer.start_tls(world.trust, server_hostname="grok.test")
    client.writer.write(b"GET /silent HTTP/1.1\r\n\r\n")
    await asyncio.wait_for(world.upstream.silent.wait(), 2)
    assert not world.relay.abort("other label", "grok.test")
    assert not world.relay.abort("label", "else.test")
    assert world.relay.abort("label", "grok.test")
    assert await asyncio.wait_for(_rest(client.reader), 1) == b""
    await asyncio.wait_for(world.upstream.closed.wait(), 1)
    assert not world.relay.abort("label", "grok.test")


async def test_abort_works_while_still_dialling(world):
    async with EgressProxy("http", {}, mode=Mode.BLACK_HOLE) as hole:
        world.ways(hole)
        connecting = asyncio.create_task(world.connect())
        await asyncio.wait_for(_until(lambda: hole.connections), 1)
        assert world.relay.abort("label", "grok.test")
        with pytest.raises((OSError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(connecting, 0.2)


async def test_stopping_cuts_everything(world):
    world.routes.ways = [DIRECT]
    client = await world.connect()
    await client.writer.start_tls(world.trust, server_hostname="grok.test")
    client.writer.write(b"GET /silent HTTP/1.1\r\n\r\n")
    await asyncio.wait_for(world.upstream.silent.wait(), 2)
    await asyncio.wait_for(world.relay.stop(), 1)
    await asyncio.wait_for(world.upstream.closed.wait(), 1)
    assert not world.relay._tunnels


async def test_a_reader_that_stops_holds_the_upstream_back(world):
    world.upstream.size = 50_000_000
    world.routes.ways = [DIRECT]
    client = await world.connect()
    await client.writer.start_tls(world.trust, server_hostname="grok.test")
    client.writer.transport.pause_reading()
    client.writer.write(b"GET /big HTTP/1.1\r\n\r\n")
    await asyncio.sleep(0.5)
    (tunnel,) = world.relay._tunnels
    assert tunnel.client_writer.transport.get_write_buffer_size() < 300_000
    client.writer.transport.abort()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except OSError:  # a reset is as good an end
        return b""


async def _until(condition) -> None:
    while not condition():  # noqa: ASYNC110 - nobody announces it
        await asyncio.sleep(0.01)


def test_a_spec_is_all_a_candidate_needs():
    assert Candidate(1, EgressSpec.parse("http://h:1")).egress_id == 1
