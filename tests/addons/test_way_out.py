"""What mitmproxy is told of a way out that cannot be gone."""

import asyncio

import pytest
from mitmproxy.proxy import server

from addons import way_out
from addons.way_out import OwnPlace, WayOut


async def _breaks():
    raise KeyError("a secret")


async def _refuses():
    raise ConnectionRefusedError("the egress failed")


async def test_whatever_breaks_is_an_error_mitmproxy_expects(caplog):
    with pytest.raises(OSError, match="no way out"):
        await WayOut("a1-e1", _breaks).open()
    assert "KeyError" in caplog.text
    assert "a secret" not in caplog.text


async def test_what_a_tunnel_says_is_passed_on():
    with pytest.raises(OSError, match="the egress failed"):
        await WayOut("a1-e1", _refuses).open()


def test_ways_out_of_one_name_are_one():
    assert WayOut("a1-e1", _breaks) == WayOut("a1-e1", _refuses) == f"a1-e1{way_out.SUFFIX}"
    assert (WayOut("a1-e1", _breaks), OwnPlace(443)) == (WayOut("a1-e1", _refuses), OwnPlace(443))


async def test_other_addresses_are_dialled_as_ever():
    way_out.install()
    way_out.install()
    serving = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    host, port = serving.sockets[0].getsockname()
    reader, writer = await server.asyncio.open_connection(host, OwnPlace(port), local_addr=None)
    assert await reader.read() == b""
    writer.close()
    serving.close()
