"""A running stand-in, and a client that reaches it by its real host names."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager

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


@asynccontextmanager
async def client(standin, **options):
    """A session that leaves no socket open, whatever a test did not read."""
    context = ssl.create_default_context(cafile=standin.ca_file)
    sockets, answers = [], []

    def new_socket(info):
        sockets.append(socket.socket(info[0], info[1], info[2]))
        return sockets[-1]

    async def collect(_session, _context, end):
        answers.append(end.response)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(collect)
    connector = aiohttp.TCPConnector(
        resolver=EveryHostHere(standin.port), ssl=context, socket_factory=new_socket
    )
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[trace], **options
    ) as session:
        yield session
        for answer in answers:
            answer.close()
    async with asyncio.timeout(5):
        while any(sock.fileno() != -1 for sock in sockets):  # noqa: ASYNC110 - TLS says goodbye first
            await asyncio.sleep(0.001)
