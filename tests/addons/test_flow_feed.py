"""Copies reach whoever listens, in order; nobody waits for him, and what waits is bounded."""

import asyncio

import pytest

from addons import flow_feed
from addons.flow_feed import FlowFeed
from core.flow_frames import LENGTH_SIZE, length_in


class Listener:
    """Reads what one proxy says."""

    def __init__(self):
        self.heard, self.writers = asyncio.Queue(), []

    async def open(self, path):
        self.server = await asyncio.start_unix_server(self._read, path)

    async def _read(self, reader, writer):
        self.writers.append(writer)
        try:
            while True:
                length = length_in(await reader.readexactly(LENGTH_SIZE))
                await self.heard.put(await reader.readexactly(length))
        except asyncio.IncompleteReadError:
            writer.close()

    async def close(self):
        self.server.close()
        for writer in self.writers:
            writer.close()


async def next_of(listener):
    return await asyncio.wait_for(listener.heard.get(), 5)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s"


async def test_copies_come_in_order(path):
    listener, feed = Listener(), FlowFeed(path)
    await listener.open(path)
    feed.show(b"one")
    feed.running()
    feed.show(b"two")
    assert [await next_of(listener) for _ in range(2)] == [b"one", b"two"]
    await feed.done()
    await listener.close()


async def test_a_listener_that_comes_back_hears_the_rest(path, monkeypatch):
    monkeypatch.setattr(flow_feed, "RETRY_SECONDS", 0.02)
    first, second, feed = Listener(), Listener(), FlowFeed(path)
    await first.open(path)
    feed.running()
    feed.show(b"one")
    assert await next_of(first) == b"one"
    await first.close()
    await asyncio.sleep(0.1)  # that he has gone is noticed without anything to say to him
    feed.show(b"two")
    await second.open(path)
    assert await next_of(second) == b"two"
    await feed.done()
    await second.close()


async def test_nobody_listening_costs_the_oldest(path, monkeypatch):
    monkeypatch.setattr(flow_feed, "MOST_WAITING", 10)
    listener, feed = Listener(), FlowFeed(path)
    await listener.open(path)
    for number in range(9):
        feed.show(b"%03d" % number)
    feed.running()
    assert [await next_of(listener) for _ in range(3)] == [b"006", b"007", b"008"]
    await feed.done()
    await listener.close()


async def test_it_ends_while_it_waits(path):
    feed = FlowFeed(path)
    await feed.done()
    feed.running()
    await asyncio.sleep(0)
    await asyncio.wait_for(feed.done(), 5)
