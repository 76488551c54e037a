"""The proxy, put together: mitmproxy as a library, our chain, and what they share.

The way of a request is the list in `build_steps`, top to bottom; an answer passes the same list.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mitmproxy import options
from mitmproxy.addons import core, disable_h2c, errorcheck, next_layer, proxyserver, tlsconfig
from mitmproxy.connection import Address
from mitmproxy.http import HTTPFlow
from mitmproxy.master import Master

from addons import (
    dispatch,
    empty_queues,
    error_pages,
    freed_flows,
    inline_hooks,
    read_loop,
    socket_relay,
    way_out,
    wire_limits,
)
from addons.account_alias import AccountAlias
from addons.account_cookies import AccountCookies
from addons.account_lease import AccountLease
from addons.allowance import Allowance
from addons.answer_headers import AnswerHeaders
from addons.answer_watch import AnswerWatch
from addons.bodies import Bodies
from addons.callers import Callers
from addons.certificates import shown_certificate, trusted_cas
from addons.chain import Chain
from addons.chat_rules import ChatRules
from addons.config_file import ConfigFile
from addons.connections import Connections
from addons.cooling import Cooling
from addons.deadlines import Deadlines
from addons.departure import Departure
from addons.dialing import Dialer, egress_tls
from addons.egress import Egress
from addons.egress_pool import EgressPool
from addons.farewell import Farewell
from addons.flow_feed import FlowFeed
from addons.flow_log import FlowLog
from addons.flow_tap import FlowTap
from addons.gate import Gate
from addons.grok_reader import GrokReader
from addons.guest_sweep import GuestSweep
from addons.house_rules import HouseRules
from addons.idle_clients import IdleClients
from addons.isolated_sockets import IsolatedSockets
from addons.isolation import Isolation
from addons.jars import Jars
from addons.kept_settings import KeptSettings
from addons.leak_reports import LeakReports
from addons.lending import Lending
from addons.mode_book import ModeBook
from addons.name_lookup import NameLookup
from addons.own_lists import OwnLists
from addons.ownership import Ownership
from addons.plain_listeners import PlainListeners
from addons.records import Records
from addons.request_bodies import RequestBodies
from addons.seal import Seal
from addons.session_watch import SessionWatch
from addons.settle import Settle
from addons.site_door import SiteDoor
from addons.socket_user import SocketUser
from addons.store import Store
from addons.unknown_routes import UnknownRoutes
from addons.upstream import Upstream
from addons.usage_book import UsageBook
from addons.websockets import WebSockets
from core.api_paths import ApiPaths, api_paths
from core.page_badge import SNIPPET
from core.settings import Settings
from core.wiring import Wiring

DEAD_TARGET = "http://127.0.0.1:9"
"""Where mitmproxy would send a flow that nobody routed."""
DRAIN_SECONDS = 25.0
QUIET_SECONDS = 0.3
"""Without any flow before the end: a call of the API that a front has brought to the bridge shows
here only while it asks Grok, which it may do twice."""
FAREWELL_SECONDS = 2.0
"""Of these at the end, for the bridge to tell its callers that there will be no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What several steps share."""

    settings: Settings
    wiring: Wiring
    config: ConfigFile
    store: Store
    server: proxyserver.Proxyserver
    egress: Egress
    connections: Connections
    deadlines: Deadlines
    farewell: Farewell
    ownership: Ownership
    unknown: UnknownRoutes
    reader: GrokReader

    def tell(self, flow: HTTPFlow, message: bytes) -> None:
        """Send the page at the other end of a socket a message of ours."""
        self.server.inject_websocket(flow, True, message)


def build_steps(parts: Parts) -> list[object]:
    """The chain. Those that only serve others come first, so that they have started."""
    settings, wiring, config, store = parts.settings, parts.wiring, parts.config, parts.store
    jars, modes, usage = Jars(store), ModeBook(store), UsageBook(store)
    lending = Lending(
        lambda: store.snapshot, modes, settings.pool_strategy, settings.account_concurrency
    )
    settle = Settle(store, Cooling(store, modes))
    return [
        config,
        store,
        jars,
        modes,
        usage,
        GuestSweep(store, has_guests=settings.guest_mode),
        *(parts.reader, parts.ownership, parts.unknown, parts.connections),
        Gate(settings, wiring, config),
        Callers(store, settings.api_cors_origins),
        *_site_door(settings),
        HouseRules(config, lambda: store.accounts, parts.unknown),
        AccountLease(store, jars, lending),
        SocketUser(parts.reader, store),
        *_apart(parts),
        Allowance(store, usage, parts.tell),
        Upstream(wiring, config, parts.connections.hang_up),
        Departure(parts.egress),
        parts.egress,
        RequestBodies(),
        AccountCookies(jars, config),
        AnswerHeaders(settings.googleads),
        _bodies(parts),
        WebSockets(),
        SessionWatch(store, parts.connections.hang_up),
        AnswerWatch(settle.note, modes.read_meter),
        settle,
        Records(store, settings.record_days),
        *(parts.deadlines, parts.farewell),
        LeakReports(),
        *_tap(wiring),
        FlowLog(),
    ]


def _tap(wiring: Wiring) -> list[object]:
    """What developers are shown, while somebody has asked for it."""
    if not wiring.flow_socket:
        return []
    feed = FlowFeed(wiring.flow_socket)
    return [feed, FlowTap(feed.show)]


def _bodies(parts: Parts) -> Bodies:
    settings = parts.settings
    badge = SNIPPET if settings.page_badge else b""
    return Bodies(settings.googleads.encode(), parts.ownership.claim, badge)


def _apart(parts: Parts) -> list[object]:
    """What keeps the people apart who share an account."""
    store, config, ownership = parts.store, parts.config, parts.ownership
    hang_up, reader = parts.connections.hang_up, parts.reader
    return [
        Isolation(ownership, config),
        IsolatedSockets(ownership, config, parts.unknown, parts.tell, hang_up),
        *([AccountAlias()] if parts.settings.mask_account_id else []),
        KeptSettings(store),
        OwnLists(reader, ownership, config),
        ChatRules(store, temporary=parts.settings.web_hatd),
    ]


class Proxy:
    """One proxy process: started, told to reload, told to stop."""

    def __init__(self, settings: Settings, wiring: Wiring, config_path: Path) -> None:
        self._settings = settings
        self._wiring = wiring
        self._config = ConfigFile(config_path, _api(settings).routes)
        self._stopping = asyncio.Event()
        self._at_once = asyncio.Event()

    async def run(self) -> None:
        """Serve until `stop`. Raises when a step cannot start: never serve without it."""
        error_pages.install()
        wire_limits.install()
        socket_relay.install()
        read_loop.install()
        empty_queues.install()
        freed_flows.install()
        inline_hooks.install()
        way_out.install()
        parts = self._parts()
        chain = Chain(build_steps(parts))
        await chain.start()
        master = self._master(parts, chain)
        drain = asyncio.create_task(self._drain(master, parts))
        try:
            await master.run()
        finally:
            drain.cancel()

    def stop(self) -> None:
        """First call: no new connections, open flows may end. Second call: at once."""
        if self._stopping.is_set():
            self._at_once.set()
        self._stopping.set()

    def reload(self) -> None:
        """Read mitm_config.yaml again now."""
        self._config.reload()

    def _parts(self) -> Parts:
        store, server = Store(), proxyserver.Proxyserver()
        egress = _egress(self._settings, store, self._config)
        connections = Connections(server, egress)
        deadlines = Deadlines(connections.hang_up)
        return Parts(
            settings=self._settings,
            wiring=self._wiring,
            config=self._config,
            store=store,
            server=server,
            egress=egress,
            connections=connections,
            deadlines=deadlines,
            farewell=Farewell(connections.hang_up),
            ownership=Ownership(store, self._settings.data_dir),
            unknown=UnknownRoutes(store),
            reader=GrokReader(self._wiring),
        )

    def _master(self, parts: Parts, chain: Chain) -> Master:
        """Only those of mitmproxy's own addons that are needed: the rest costs half a request."""
        master = Master(options.Options())
        dispatch.install(master)
        master.addons.add(
            core.Core(),
            disable_h2c.DisableH2C(),
            parts.server,
            chain,
            Seal(_ours_only(parts.egress, self._wiring)),
            IdleClients(parts.server),
            PlainListeners(_tls_port(self._settings, self._wiring)),
            next_layer.NextLayer(),
            tlsconfig.TlsConfig(),
            errorcheck.ErrorCheck(),
        )
        master.options.update(**_options(self._settings, self._wiring, self._config))
        return master

    async def _drain(self, master: Master, parts: Parts) -> None:
        await self._stopping.wait()
        master.options.update(server=False)
        now = asyncio.get_running_loop().time
        last, busy = now() + DRAIN_SECONDS, now()
        while now() < min(last, busy + QUIET_SECONDS) and not self._at_once.is_set():
            if parts.deadlines.open_flows or parts.farewell.open_calls:
                busy = now()
            if now() > last - FAREWELL_SECONDS:
                parts.farewell.say()
            await asyncio.sleep(0.05)
        master.shutdown()


def _api(settings: Settings) -> ApiPaths:
    return api_paths(settings.mirror_api_prefix, enabled=settings.enable_mirror_api)


def _site_door(settings: Settings) -> list[SiteDoor]:
    return [SiteDoor(settings.site_password)] if settings.site_password else []


def _egress(settings: Settings, store: Store, config: ConfigFile) -> Egress:
    dialer = Dialer(
        tls=egress_tls(settings.grok_ca_file),
        connect_to=settings.grok_connect_to,
        lookup=NameLookup(),
    )
    pool = EgressPool(lambda: store.snapshot, store)
    return Egress(pool, dialer, may_reach=lambda host: config().rule_for(host) is not None)


def _ours_only(egress: Egress, wiring: Wiring) -> Callable[[Address], bool]:
    sidecar = wiring.sidecar_listen
    return lambda address: egress.is_way_out(address) or address[:2] == sidecar


def _options(settings: Settings, wiring: Wiring, config: ConfigFile) -> dict[str, object]:
    listeners = [_listen(wiring.proxy_listen), _listen(wiring.internal_listen)]
    ours = {
        # Changed, not given at first: mitmproxy makes its certificates when it hears of a change,
        # else only once it listens, and a request that comes before ends the process.
        "confdir": str(settings.data_dir / "mitmproxy"),
        "mode": [f"reverse:{DEAD_TARGET}@{listener}" for listener in listeners],
        "connection_strategy": "lazy",
        "keep_host_header": True,
        "rawtcp": False,
        "stream_large_bodies": None,  # it would lead large answers around every filter
        "http3": False,
        "ssl_insecure": False,
        "validate_inbound_headers": True,
        "ssl_verify_upstream_trusted_ca": str(trusted_cas(settings)),
    }
    certificate = shown_certificate(settings) if _tls_port(settings, wiring) else None
    if certificate:
        ours["certs"] = [f"*={certificate}"]
    return {**config.current.options, **ours}


def _tls_port(settings: Settings, wiring: Wiring) -> int | None:
    """The port where TLS of the browsers ends in this process."""
    here = settings.tls_cert_file and settings.tls_key_file and not wiring.behind_front
    return wiring.proxy_listen[1] if here else None


def _listen(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
