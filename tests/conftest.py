"""Guards around every test: no settings from the machine, no network beyond loopback."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from core.settings import Settings
from tests import postgres_server
from tests.postgres_server import PostgresServer, running_postgres

_NAMES = {setting.name for setting in Settings.table()}
_SLOWEST_FIRST = ("browser", "loop", "supervisor", "db")
_OURS = ("MIRROR_", "GROK_", "GM_")
_LOCAL = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", ""}


def pytest_configure(config: pytest.Config) -> None:
    """Without a stopwatch: how long an example takes says how busy the machine is. Where slow tests
    are left out, fewer examples have to do."""
    hypothesis_settings.register_profile("thorough", deadline=None)
    hypothesis_settings.register_profile("quick", deadline=None, max_examples=15)
    is_quick = "not slow" in str(config.option.markexpr)
    hypothesis_settings.load_profile("quick" if is_quick else "thorough")


@pytest.fixture(autouse=True)
def _no_settings_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name in _NAMES or name.startswith(_OURS):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    connect, connect_ex, sendto = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.socket.sendto,
    )

    def check(sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOCAL:
            pytest.fail(f"a test tried to reach {address[0]}; only loopback is allowed")

    def guarded_connect(sock: socket.socket, address: Any) -> None:
        check(sock, address)
        return connect(sock, address)

    def guarded_connect_ex(sock: socket.socket, address: Any) -> int:
        check(sock, address)
        return connect_ex(sock, address)

    def guarded_sendto(sock: socket.socket, *arguments: Any) -> int:
        check(sock, arguments[-1])
        return sendto(sock, *arguments)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket.socket, "sendto", guarded_sendto)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The slowest files come first, so that no worker is left with one of them at the end. Where
    there is no PostgreSQL the first test that needs it says so, in one line for all."""
    items.sort(key=_rank)
    for item in filter(_needs_postgres, items):
        item.add_marker(pytest.mark.slow)
    if postgres_server.binaries() is not None or postgres_server.is_required():
        return
    others = [item for item in items if _needs_postgres(item)][1:]
    config.hook.pytest_deselected(items=others)
    left_out = set(others)
    items[:] = [item for item in items if item not in left_out]


def _rank(item: pytest.Item) -> int:
    folders = item.path.relative_to(Path(__file__).parent).parts
    return _SLOWEST_FIRST.index(folders[0]) if folders[0] in _SLOWEST_FIRST else len(_SLOWEST_FIRST)


def _needs_postgres(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    return "postgres" in getattr(item, "fixturenames", ()) or (
        call is not None and "postgresql" in call.params.values()
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server of our own; whoever stops it starts it again."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Debian's Chromium, its build without windows first, which needs half the CPU; without any
    browser tests skip, or fail with REQUIRE_BROWSER=1."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("REQUIRE_BROWSER=1, and no Chromium is on PATH (apt-get install chromium)")
    pytest.skip("no Chromium on PATH, so browser tests are skipped")
