"""A running stand-in, and a client that reaches it by its real host names."""

import socket
import ssl

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver

from standin.server import Standin


class EveryHostHere(AbstractResolver):
    """All names lead to one loopback port; TLS still checks the real name."""

    def __init__(self, port):
        self._port = port

    async def resolve(self, host, port=0, family=socket.AF_INET):
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": self._port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
        ]

    async def close(self):
        pass


@pytest.fixture(scope="session")
def running_standin():
    with Standin.start(gap_s=0.05) as standin:
        yield standin


@pytest.fixture
def standin(running_standin):
    running_standin.control.reset()
    return running_standin


@pytest.fixture
def account(standin):
    return standin.accounts["super"]


@pytest.fixture
async def visitor(standin):
    """A client without cookies."""
    async with client(standin) as session:
        yield session


@pytest.fixture
async def page(standin, account):
    """A client with the cookies of the `super` account and the page's Origin."""
    headers = {"Cookie": account.cookie, "Origin": "https://grok.com"}
    async with client(standin, headers=headers) as session:
        yield session


def client(standin, **options):
    context = ssl.create_default_context(cafile=standin.ca_file)
    connector = aiohttp.TCPConnector(resolver=EveryHostHere(standin.port), ssl=context)
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), **options
    )
