"""A proxy that has only just begun to listen is asked at once."""

import asyncio

import pytest
from mitmproxy.addons import tlsconfig

import db
from addons import main
from core.settings import Settings
from tests.running_mirror import ROOT, wire

pytestmark = pytest.mark.loop


async def test_a_request_may_come_with_the_first_moment_of_listening(tmp_path, monkeypatch):
    """mitmproxy takes an error before it is `running` for one of its own start, and ends."""
    settings = Settings.from_environ(
        {"DATA_DIR": str(tmp_path), "ADMIN_PASSWORD": "a long password"}
    )
    wiring = wire()
    answered, asked = asyncio.Event(), tlsconfig.TlsConfig.running

    async def asks_first(self):
        reader, writer = await asyncio.open_connection(*wiring.proxy_listen)
        writer.write(b"GET /-/sign-in HTTP/1.1\r\nHost: mirror.test\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 503 ")  # there is no sidecar
        writer.close()
        answered.set()
        asked(self)

    monkeypatch.setattr(tlsconfig.TlsConfig, "running", asks_first)
    db.open_database(settings)
    proxy = main.Proxy(settings, wiring, ROOT / "mitm_config.yaml")
    running = asyncio.create_task(proxy.run())
    try:
        await asyncio.wait_for(answered.wait(), 20)
        await asyncio.sleep(0.1)
        assert not running.done()
    finally:
        proxy.stop()
        proxy.stop()
        await asyncio.wait([running], timeout=10)
        db.close_database()
