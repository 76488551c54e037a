"""Accounts and their egresses through a real mitmproxy, on one browser connection."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from mitmproxy import options
from mitmproxy.addons import core, next_layer, proxyserver, tlsconfig
from mitmproxy.http import HTTPFlow
from mitmproxy.master import Master
from mitmproxy.test import tflow

from addons import way_out
from addons.dialing import Dialer, egress_tls
from addons.egress import Egress
from addons.egress_pool import EgressPool
from addons.name_lookup import NameLookup
from addons.tunnel import Patience
from core import egress as core_egress
from core.connect_to import parse_connect_to
from core.egress import EgressSpec
from tests.egress_proxies import CertificateAuthority, EgressProxy, Mode, Upstream, get, upstream

pytestmark = pytest.mark.loop

HOSTS = tuple(f"host{n}.test" for n in range(8))


@dataclass
class Database:
    """What the snapshot shows and the store is told; bindings show at once."""

    egresses: dict[int, core_egress.Egress] = field(default_factory=dict)
    accounts: dict[int, SimpleNamespace] = field(default_factory=dict)
    cooled: list[int] = field(default_factory=list)

    async def bind_egress(self, account_id: int, egress_id: int) -> None:
        self.accounts[account_id] = SimpleNamespace(egress_id=egress_id)

    async def cool_egress(self, egress_id: int, until: float, failures: int, error: str) -> None:
        self.cooled.append(egress_id)

    def add(self, number: int, spec: EgressSpec, *accounts: int) -> None:
        self.egresses[number] = core_egress.Egress(id=number, spec=spec)
        for account in accounts:
            self.accounts[account] = SimpleNamespace(egress_id=number)


class Routing:
    """Stands in for the chain: headers name the account and the host."""

    def __init__(self, egress: Egress, database: Database) -> None:
        self.egress = egress
        self.database = database
        self.flows: list[HTTPFlow] = []
        self.errors: list[str] = []
        self.assigned: list[bool] = []

    def requestheaders(self, flow: HTTPFlow) -> None:
        account_id = int(flow.request.headers["x-account"])
        host = flow.request.headers.pop("x-host", HOSTS[0])
        flow.request.scheme = "https"
        flow.request.data.host, flow.request.data.port = host, 443
        flow.request.headers["host"] = host
        account = self.database.accounts[account_id]
        self.assigned.append(self.egress.assign(flow, account_id, account.egress_id))
        self.flows.append(flow)

    def error(self, flow: HTTPFlow) -> None:
        assert flow.error
        self.errors.append(flow.error.msg)


@dataclass
class Mirror:
    ca: CertificateAuthority
    upstream: Upstream
    database: Database
    egress: Egress
    routing: Routing
    port: int
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(self) -> "Browser":
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        return Browser(reader, writer)


@dataclass
class Browser:
    """One HTTP/1.1 connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def get(self, path: str, account: int, host: str = HOSTS[0]) -> tuple[int, bytes]:
        request = get(self.reader, self.writer, path, x_account=str(account), x_host=host)
        return await asyncio.wait_for(request, 5)

    async def upgrade(self, path: str, account: int) -> bytes:
        self.writer.write(
            f"GET {path} HTTP/1.1\r\nHost: mirror.test\r\nX-Account: {account}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)


@asynccontextmanager
async def running_master(
    egress: Egress, routing: Routing, folder: Path, ca: Path
) -> AsyncIterator[int]:
    way_out.install()
    opts = options.Options(confdir=str(folder), mode=["reverse:http://127.0.0.1:9@127.0.0.1:0"])
    master = Master(opts, with_termlog=False)
    server = proxyserver.Proxyserver()
    addons = (core.Core(), server, egress, routing, next_layer.NextLayer(), tlsconfig.TlsConfig())
    master.addons.add(*addons)
    opts.update(
        ssl_verify_upstream_trusted_ca=str(ca), connection_strategy="lazy", keep_host_header=True
    )
    run = asyncio.create_task(master.run())
    while not (server.is_running and server.listen_addrs() and egress._tunnels.is_running):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    try:
        yield server.listen_addrs()[0][1]
    finally:
        master.shutdown()
        await run
        for instance in server.servers:
            await instance.stop()


@pytest.fixture
async def mirror(tmp_path) -> AsyncIterator[Mirror]:
    ca = CertificateAuthority(tmp_path)
    async with upstream(ca.server(*HOSTS)) as served:
        database = Database()
        dialer = Dialer(
            tls=egress_tls(ca.file),
            connect_to=parse_connect_to(f"*:443=localhost:{served.address[1]}"),
            deadline=0.5,
            lookup=NameLookup(),
        )
        pool = EgressPool(lambda: database, database)
        egress = Egress(pool, dialer, HOSTS.__contains__, Patience(first_byte=0.5))
        routing = Routing(egress, database)
        async with running_master(egress, routing, tmp_path / "conf", ca.file) as port:
            made = Mirror(ca, served, database, egress, routing, port)
            try:
                yield made
            finally:
                for writer in made.writers:
                    writer.transport.abort()


async def test_two_accounts_on_one_browser_connection_leave_by_their_own_egress(mirror):
    async with (
        EgressProxy("http", {}, "alice:s3cret") as one,
        EgressProxy("socks5h", {}, "bob:s3same") as two,
    ):
        mirror.database.add(1, one.spec, 10)
        mirror.database.add(2, two.spec, 20)
        browser = await mirror.connect()
        for _ in range(3):
            assert await browser.get("/ten", 10) == (200, b"connection 1")
            assert await browser.get("/twenty", 20) == (200, b"connection 2")
    # Each connection is its account's, and is used again by that account alone.
    assert [seen.credentials for seen in one.seen] == ["alice:s3cret"]
    assert [seen.credentials for seen in two.seen] == ["bob:s3same"]
    assert [seen.host for seen in one.seen + two.seen] == ["localhost", "localhost"]
    assert mirror.upstream.requests == ["/ten", "/twenty"] * 3
    everything = "".join(mirror.upstream.heads).lower()
    assert "proxy-authorization" not in everything


async def test_credentials_alone_part_two_accounts_of_one_gateway(mirror):
    async with EgressProxy("http", {}, "user:pw") as gateway:
        mirror.database.add(1, gateway.spec, 10)
        mirror.database.add(2, gateway.spec, 20)
        browser = await mirror.connect()
        assert await browser.get("/", 10) == (200, b"connection 1")
        assert await browser.get("/", 20) == (200, b"connection 2")


async def test_more_than_five_hosts_on_one_connection_do_not_wait_for_each_other(mirror):
    async with EgressProxy("http", {}) as proxy:
        mirror.database.add(1, proxy.spec, 10)
        browser = await mirror.connect()
        for number, host in enumerate(HOSTS, 1):
            assert await browser.get("/", 10, host) == (200, f"connection {number}".encode())
    assert mirror.upstream.connections == len(HOSTS)


async def test_without_a_library_connections_are_direct(mirror):
    mirror.database.accounts[10] = SimpleNamespace(egress_id=None)
    browser = await mirror.connect()
    assert await browser.get("/", 10) == (200, b"connection 1")


@pytest.mark.parametrize(
    "mode", [Mode.REFUSE_407, Mode.REFUSE_503, Mode.BLACK_HOLE, Mode.ACCEPT_THEN_CLOSE]
)
async def test_an_account_moves_off_a_dead_egress_within_one_request(mirror, mode):
    async with (
        EgressProxy("http", {}, "alice:s3cret", mode=mode) as bad,
        EgressProxy("socks5h", {}, "bob:s3same") as good,
    ):
        mirror.database.add(1, bad.spec, 10)
        mirror.database.add(2, good.spec, 20)
        browser = await mirror.connect()
        assert (await browser.get("/", 10))[0] == 200
        assert (await browser.get("/again", 10))[0] == 200
        assert (await (await mirror.connect()).get("/third", 10))[0] == 200
        assert bad.connections == 1  # cooled: nobody asks it again
    assert mirror.database.accounts[10].egress_id == 2
    assert mirror.database.cooled == [1]
    assert all(seen.credentials == "bob:s3same" for seen in good.seen)


async def test_with_all_dead_there_is_an_error_and_nothing_goes_out(mirror):
    async with (
        EgressProxy("http", {}, "alice:s3cret", mode=Mode.REFUSE_407) as one,
        EgressProxy("http", {}, mode=Mode.BLACK_HOLE) as two,
    ):
        mirror.database.add(1, one.spec, 10)
        mirror.database.add(2, two.spec, 20)
        status, body = await (await mirror.connect()).get("/", 10)
        assert status == 502
        assert mirror.routing.assigned == [True]
        ports = [str(one.port), str(two.port)]
        assert not any(word in body.decode() for word in (*ports, "s3cret", "alice"))
        assert "the egress timed out" in mirror.routing.errors[0]

        started = time.monotonic()  # and now both rest: no waiting for them any more
        status, _ = await (await mirror.connect()).get("/", 10)
        assert status == 502
        assert time.monotonic() - started < 0.4
        assert mirror.routing.assigned == [True, False]
        assert "no healthy egress" in mirror.routing.errors[1]
        assert (one.connections, two.connections) == (1, 1)
    assert sorted(mirror.database.cooled) == [1, 2]
    assert mirror.upstream.connections == 0


async def test_a_flow_can_be_cut_while_the_upstream_is_silent(mirror):
    async with EgressProxy("http", {}) as proxy:
        mirror.database.add(1, proxy.spec, 10)
        browser = await mirror.connect()
        assert (await browser.get("/", 10, HOSTS[1]))[0] == 200
        waiting = asyncio.create_task(browser.get("/silent", 10))
        await asyncio.wait_for(mirror.upstream.silent.wait(), 2)
        flow = mirror.routing.flows[1]
        assert mirror.egress.abort(flow)
        assert (await asyncio.wait_for(waiting, 1))[0] == 502
        await asyncio.wait_for(mirror.upstream.closed.wait(), 1)
        assert not mirror.egress.abort(flow)


async def test_an_open_websocket_can_be_cut(mirror):
    async with EgressProxy("http", {}) as proxy:
        mirror.database.add(1, proxy.spec, 10)
        browser = await mirror.connect()
        bystander = await mirror.connect()
        assert (await bystander.get("/", 10))[0] == 200
        assert (await browser.upgrade("/socket", 10)).startswith(b"HTTP/1.1 101 ")
        assert mirror.egress.abort(mirror.routing.flows[1])
        await asyncio.wait_for(browser.reader.read(), 1)  # a close frame, then the end
        await asyncio.wait_for(mirror.upstream.closed.wait(), 1)
        assert await bystander.get("/", 10) == (200, b"connection 1")


async def test_a_browser_that_hangs_up_closes_the_upstream_connection(mirror):
    async with EgressProxy("socks5", {}) as proxy:
        mirror.database.add(1, proxy.spec, 10)
        browser = await mirror.connect()
        waiting = asyncio.create_task(browser.get("/silent", 10))
        await asyncio.wait_for(mirror.upstream.silent.wait(), 2)
        waiting.cancel()
        browser.writer.transport.abort()
        await asyncio.wait_for(mirror.upstream.closed.wait(), 1)
        await asyncio.wait_for(proxy.ended.wait(), 1)


async def test_a_wrong_certificate_is_no_answer_and_no_second_try(mirror, tmp_path):
    """The host's own proof fails whichever way it is reached, so that convicts no egress."""
    async with EgressProxy("http", {}) as proxy:
        mirror.database.add(1, proxy.spec, 10)
        mirror.routing.egress._tunnels._may_reach = lambda host: True
        status, _ = await (await mirror.connect()).get("/", 10, "unknown.test")
        assert status == 502
    assert mirror.upstream.requests == []
    assert mirror.database.cooled == []


async def test_a_host_outside_the_list_is_not_reached(mirror):
    mirror.database.accounts[10] = SimpleNamespace(egress_id=None)
    assert (await (await mirror.connect()).get("/", 10, "evil.test"))[0] == 502
    assert mirror.upstream.connections == 0


async def test_the_seal_can_tell_a_way_out_from_elsewhere(mirror):
    flow = tflow.tflow()
    flow.request.data.host, flow.request.data.port = HOSTS[0], 443
    mirror.database.accounts[10] = SimpleNamespace(egress_id=None)
    mirror.egress.assign(flow, 10, None)
    assert flow.server_conn.via
    address = flow.server_conn.via[1]
    assert mirror.egress.is_way_out(address)
    assert not mirror.egress.is_way_out((HOSTS[0], 443))
    assert not mirror.egress.is_way_out((str(address[0]), 443))
    await mirror.egress.done()
    assert not mirror.egress.is_way_out(address)


async def test_a_way_out_leads_nowhere_for_those_who_dial_it_themselves(mirror):
    """What a mitmproxy would do that got past our tunnels."""
    flow = tflow.tflow()
    mirror.database.accounts[10] = SimpleNamespace(egress_id=None)
    mirror.egress.assign(flow, 10, None)
    assert flow.server_conn.via
    with pytest.raises(OSError):  # noqa: PT011 - resolvers have many ways to say so
        await asyncio.open_connection(*flow.server_conn.via[1])
