"""Tunnels with real sockets: how they get out, what happens when they cannot, how they end."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from addons.dialing import Dialer, egress_tls
from addons.legs import Fault
from addons.name_lookup import NameLookup
from addons.tunnel import Attempt, Candidate, Patience
from addons.tunnels import Tunnels
from core.connect_to import parse_connect_to
from core.egress import EgressSpec
from tests.egress_proxies import CertificateAuthority, EgressProxy, Mode, Upstream, get, upstream

pytestmark = pytest.mark.loop

DEADLINE = 1.0
"""Seconds: long enough for a busy machine to make its first byte."""
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
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def ask_for(self, path: str) -> None:
        self.writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())


@dataclass
class World:
    ca: CertificateAuthority
    upstream: Upstream
    routes: FixedRoutes
    tunnels: Tunnels
    clients: list[Client] = field(default_factory=list)

    async def connect(self, host: str = "grok.test") -> Client:
        client = Client(*await self.tunnels.open("label", host))
        self.clients.append(client)
        return client

    async def get(self, path: str = "/") -> tuple[int, bytes]:
        client = await self.connect()
        return await get(client.reader, client.writer, path)

    async def close(self) -> None:
        await self.tunnels.stop()
        for client in self.clients:
            client.writer.close()

    def ways(self, *proxies: EgressProxy) -> None:
        self.routes.ways = [Candidate(n, proxy.spec) for n, proxy in enumerate(proxies, 1)]


@asynccontextmanager
async def made_world(tmp_path, connect_to: str | None = None) -> AsyncIterator[World]:
    ca = CertificateAuthority(tmp_path)
    async with upstream(None) as served:
        table = parse_connect_to(connect_to or f"grok.test:443=localhost:{served.address[1]}")
        lookup = NameLookup()
        dialer = Dialer(tls=egress_tls(ca.file), connect_to=table, deadline=DEADLINE, lookup=lookup)
        routes = FixedRoutes()
        tunnels = Tunnels(
            routes=routes,
            dialer=dialer,
            may_reach={"grok.test", "else.test"}.__contains__,
            patience=Patience(first_byte=DEADLINE, last_bytes=0.2),
        )
        tunnels.start()
        world = World(ca, served, routes, tunnels)
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
        assert hello.startswith(b"GET / ")  # and was said again


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
        with pytest.raises(OSError, match="the egress failed"):
            await world.connect()
    assert world.routes.reasons == [(1, "its certificate is not trusted")]
    assert proxy.seen == []  # no credentials were shown


async def test_at_most_one_other_is_tried(world):
    async with (
        EgressProxy("http", {}, mode=Mode.REFUSE_407) as one,
        EgressProxy("http", {}, mode=Mode.REFUSE_407) as two,
        EgressProxy("http", {}) as three,
    ):
        world.ways(one, two, three)
        with pytest.raises(OSError, match="the egress failed"):
            await world.connect()
        assert three.connections == 0
    assert world.upstream.connections == 0


async def test_without_any_way_nothing_goes_out(world):
    with pytest.raises(OSError, match="no healthy egress"):
        await world.connect()
    assert world.upstream.connections == 0


async def test_a_time_out_is_named_so(world):
    async with EgressProxy("http", {}, mode=Mode.BLACK_HOLE) as hole:
        world.ways(hole)
        started = time.monotonic()
        with pytest.raises(OSError, match="the egress timed out"):
            await world.connect()
    assert time.monotonic() - started < DEADLINE + 0.5


async def test_an_unknown_host_is_not_blamed_on_the_egress(tmp_path, monkeypatch):
    async def nothing_found(*_):
        raise OSError

    monkeypatch.setattr(NameLookup, "__call__", nothing_found)
    async with made_world(tmp_path, "grok.test:443=no.invalid:1") as world:
        world.routes.ways = [DIRECT]
        with pytest.raises(OSError, match="the egress failed"):
            await world.connect()
        assert world.routes.failed[0].error.fault is Fault.BEYOND


async def test_a_slow_name_server_ends_with_the_deadline(tmp_path, monkeypatch):
    async def never(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr(NameLookup, "__call__", never)
    async with made_world(tmp_path) as world:
        world.routes.ways = [DIRECT]
        with pytest.raises(OSError, match="the egress timed out"):
            await world.connect()


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
        with pytest.raises(OSError, match="egress") as error:
            await world.connect()
    texts = str(error.value) + caplog.text + str(world.routes.reasons)
    for secret in ("user77", "s3cret", "127.0.0.1", str(bad.port)):
        assert secret not in texts


# Where they may lead


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1", "::1", "grok.test.evil.test", ""])
async def test_nowhere_but_to_hosts_of_the_upstream(world, host):
    world.routes.ways = [DIRECT]
    with pytest.raises(OSError, match="not a host of the upstream"):
        await world.connect(host)
    assert world.routes.labels == []


async def test_none_is_opened_once_they_are_stopped(world):
    world.routes.ways = [DIRECT]
    await world.tunnels.stop()
    with pytest.raises(OSError, match="not a host"):
        await world.connect()
    assert world.upstream.connections == 0


async def test_one_that_breaks_is_refused_and_says_so_without_words(world, caplog):
    async def breaks(label):
        raise KeyError("a secret")

    world.routes.candidates = breaks
    with pytest.raises(OSError, match="cut"):
        await world.connect()
    assert "tunnels: one broke (KeyError)" in caplog.text
    assert "a secret" not in caplog.text
    assert not world.tunnels._tunnels


# Ends


async def test_a_client_that_hangs_up_takes_the_upstream_leg_with_it(world):
    async with EgressProxy("http", {}) as proxy:
        world.ways(proxy)
        client = await world.connect()
        client.ask_for("/silent")
        await asyncio.wait_for(world.upstream.silent.wait(), 2)
        client.writer.transport.abort()
        await asyncio.wait_for(world.upstream.closed.wait(), 1)
        await asyncio.wait_for(proxy.ended.wait(), 1)


async def test_a_client_that_hangs_up_while_dialling_stops_the_dialling(world):
    async with EgressProxy("http", {}, mode=Mode.SILENT_TUNNEL) as proxy:
        world.ways(proxy)
        client = await world.connect()
        client.writer.close()
        await asyncio.wait_for(_until(lambda: not world.tunnels._tunnels), 1)
    assert not world.routes.told.is_set()  # that was nobody's fault


async def test_abort_cuts_the_tunnels_of_one_label_and_host(world):
    world.routes.ways = [DIRECT]
    client = await world.connect()
    client.ask_for("/silent")
    await asyncio.wait_for(world.upstream.silent.wait(), 2)
    assert not world.tunnels.abort("other label", "grok.test")
    assert not world.tunnels.abort("label", "else.test")
    assert world.tunnels.abort("label", "grok.test")
    assert await asyncio.wait_for(_rest(client.reader), 1) == b""
    await asyncio.wait_for(world.upstream.closed.wait(), 1)
    assert not world.tunnels.abort("label", "grok.test")


async def test_abort_works_while_still_dialling(world):
    async with EgressProxy("http", {}, mode=Mode.BLACK_HOLE) as hole:
        world.ways(hole)
        connecting = asyncio.create_task(world.connect())
        await asyncio.wait_for(_until(lambda: hole.connections), 1)
        assert world.tunnels.abort("label", "grok.test")
        with pytest.raises((OSError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(connecting, 0.2)


async def test_stopping_cuts_everything(world):
    world.routes.ways = [DIRECT]
    client = await world.connect()
    client.ask_for("/silent")
    await asyncio.wait_for(world.upstream.silent.wait(), 2)
    await asyncio.wait_for(world.tunnels.stop(), 1)
    await asyncio.wait_for(world.upstream.closed.wait(), 1)
    assert not world.tunnels._tunnels


async def test_a_reader_that_stops_holds_the_upstream_back(world):
    world.upstream.size = 20_000_000
    world.routes.ways = [DIRECT]
    client = await world.connect()
    client.ask_for("/big")
    await asyncio.sleep(0.5)
    assert len(client.reader._buffer) < 600_000
    await client.reader.readuntil(b"\r\n\r\n")
    assert len(await client.reader.readexactly(20_000_000)) == 20_000_000


async def test_a_client_that_hangs_up_has_nothing_more_fetched_for_it(world):
    """An https egress cannot be told that only half of a connection is over."""
    world.upstream.size = 50_000_000
    tls = world.ca.server("127.0.0.1")
    async with EgressProxy("https", {}, "u:p", tls=tls) as proxy:
        world.ways(proxy)
        client = await world.connect()
        client.ask_for("/big")
        await client.reader.readexactly(1_000_000)
        client.writer.close()
        (tunnel,) = world.tunnels._tunnels
        await asyncio.sleep(0.05)
        assert not tunnel._leg.reader._source.is_reading()
        await asyncio.wait_for(_until(lambda: not world.tunnels._tunnels), 1)


async def test_an_egress_that_takes_no_more_holds_the_writer_back(world):
    async with EgressProxy("http", {}, mode=Mode.SILENT_TUNNEL) as silent:
        world.ways(silent)
        client = await world.connect()
        client.writer.write(b"x" * 1_000_000)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.writer.drain()


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
