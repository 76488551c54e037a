"""Starting and stopping the stand-in: two listeners, in this loop or in a thread for tests."""

import asyncio
import shutil
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from standin import tls
from standin.control import create_control_app
from standin.control_client import Control, SeenAccount
from standin.hosts import create_app
from standin.switches import Switches
from standin.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Where to listen and what to start from."""

    state_dir: Path
    listen: tuple[str, int] = ("127.0.0.1", 0)
    control: tuple[str, int] = ("127.0.0.1", 0)
    seed: str = "standin"
    switches: Switches = field(default_factory=Switches)


@dataclass(frozen=True, slots=True)
class Running:
    """A stand-in that accepts connections."""

    host: str
    port: int
    control_host: str
    control_port: int
    ca_file: Path
    world: World

    def announcement(self) -> dict[str, Any]:
        """What `python -m standin` prints when it is ready."""
        accounts = [account.public() for account in self.world.accounts]
        return {
            "port": self.port,
            "control_port": self.control_port,
            "ca_file": str(self.ca_file),
            "accounts": accounts,
        }


@asynccontextmanager
async def running(options: Options) -> AsyncIterator[Running]:
    """Serve inside the block, in the caller's loop."""
    options.state_dir.mkdir(parents=True, exist_ok=True)
    world = World.create(options.seed, options.state_dir, options.switches)
    app, control = create_app(world), create_control_app(world)
    async with (
        _listening(app, options.listen, _tls_context(world)) as hosts,
        _listening(control, options.control, None) as controlled,
    ):
        ca_file = options.state_dir.resolve() / "ca.pem"
        yield Running(*hosts, *controlled, ca_file, world)


@asynccontextmanager
async def _listening(
    app: web.Application, address: tuple[str, int], context: ssl.SSLContext | None
) -> AsyncIterator[tuple[str, int]]:
    runner = web.AppRunner(
        app, handler_cancellation=True, access_log=None, max_field_size=65_536, max_line_size=65_536
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, *address, ssl_context=context, shutdown_timeout=0.2)
        await site.start()
        bound = runner.addresses[0]
        yield (bound[0], bound[1])
    finally:
        await runner.cleanup()


def _tls_context(world: World) -> ssl.SSLContext:
    """Chooses the certificate in the handshake, so that the switch works while running."""
    authority = tls.load_or_create(world.state_dir)
    contexts = tls.server_contexts(authority, world.state_dir)

    def choose(
        connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext
    ) -> int | None:
        connection.standin_sni = name or ""  # type: ignore[union-attr]  # read by the log
        if world.switches.certificate == "broken_off":
            return int(ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE)
        connection.context = contexts[world.switches.certificate]
        return None

    contexts["good"].sni_callback = choose
    return contexts["good"]


class Standin:
    """A local Grok in a thread of this process, for tests.

    ::

        with Standin.start() as standin:
            environ["GROK_CONNECT_TO"] = standin.connect_to      # "*:443=127.0.0.1:PORT"
            environ["GROK_CA_FILE"] = standin.ca_file
            sso = standin.accounts["super"].sso                  # also: free heavy spare blocked
            ...                                                  # drive the mirror
            standin.control.switch(echo=True)                    # see standin.switches.Switches
            standin.control.set_quota("super", "fast", 0)
            standin.control.revoke("super")
            old = standin.control.plant("super", "conversation", title="Owner's own")
            standin.control.tell("super", {"type": "made.up"})   # to every open socket of it
            assert standin.control.held("super")["conversation"] == [old["conversationId"]]
            assert not standin.control.request_counts("super")   # nothing reached Grok
            seen = standin.control.requests(host="grok.com", path="/rest/")
            assert seen[-1].cookies["sso"] == sso
            assert standin.control.wait_for_stream_end(timeout=5)
            standin.control.reset()                              # between tests

    `control` blocks; an async test whose own client shares the loop awaits
    `asyncio.to_thread(standin.control.wait_for_stream_end)` instead.

    One instance can serve a whole test session: starting takes about 0.2 s, `control.reset()`
    a millisecond, and `reset` brings back log, conversations, files, accounts and switches.
    Prompts choose what is answered: "/think hello", or "… scenario:cut" anywhere as a word;
    `standin.scenarios.SCRIPTS` and `standin.refusals.REFUSAL_NAMES` list the names. Any other
    prompt is repeated inside the answer, word for word. `switch(scenario="stall")` forces one.
    Tokens are stable: they depend on `seed` and the account's name only.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._ready: Future[Running] = Future()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="standin", daemon=True)

    @classmethod
    @contextmanager
    def start(
        cls,
        state_dir: Path | None = None,
        *,
        seed: str = "standin",
        listen: tuple[str, int] = ("127.0.0.1", 0),
        **switches: object,
    ) -> Iterator[Self]:
        """Start, wait until it listens, stop at the end of the block.

        `switches` become the initial ones, to which `control.reset()` returns; unlike the
        command line, tokens are a millisecond apart unless `token_delay_ms` says otherwise.
        Without `state_dir` everything lives in a temporary folder.
        """
        folder = state_dir or Path(tempfile.mkdtemp(prefix="standin-"))
        initial = Switches().changed({"token_delay_ms": 1, **switches})
        standin = cls(Options(state_dir=folder, listen=listen, seed=seed, switches=initial))
        standin._thread.start()
        try:
            standin._ready.result(timeout=20)
            yield standin
        finally:
            standin._finish()
            if state_dir is None:
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def port(self) -> int:
        """The one TLS port of all hosts."""
        return self._running.port

    @property
    def connect_to(self) -> str:
        """Value for GROK_CONNECT_TO."""
        return f"*:443={self._running.host}:{self.port}"

    @property
    def ca_file(self) -> str:
        """Value for GROK_CA_FILE."""
        return str(self._running.ca_file)

    @property
    def accounts(self) -> dict[str, SeenAccount]:
        """Accounts by name, those added later included."""
        return self.control.accounts()

    @property
    def control(self) -> Control:
        """The typed client of the control API."""
        return Control(self._running.control_host, self._running.control_port)

    @property
    def _running(self) -> Running:
        return self._ready.result(timeout=0)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with running(self._options) as started:
                self._ready.set_result(started)
                await self._stop.wait()
        except OSError as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    def _finish(self) -> None:
        if self._loop and self._stop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=10)
