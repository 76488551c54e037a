"""Copies reach whoever listens, in order; nobody waits for him, and what waits is bounded."""

import asyncio

from addons import flow_feed
from addons.flow_feed import FlowFeed
from core.flow_frames import GREETING_SIZE, LENGTH_SIZE, greeting, length_in

SECRET = "ab" * 32


class Listener:
    """Reads what one proxy says."""

    def __init__(self):
        self.heard, self.writers = asyncio.Queue(), []

    async def open(self, port=0):
        self.server = await asyncio.start_server(self._read, "127.0.0.1", port)
        return self.server.sockets[0].getsockname()

    async def _read(self, reader, writer):
        self.writers.append(writer)
        assert await reader.readexactly(GREETING_SIZE) == greeting(SECRET)
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


async def test_copies_come_in_order():
    listener = Listener()
    feed = FlowFeed(await listener.open(), SECRET)
    feed.show(b"one")
    feed.running()
    feed.show(b"two")
    assert [await next_of(listener) for _ in range(2)] == [b"one", b"two"]
    await feed.done()
    await listener.close()


async def test_a_listener_that_comes_back_hears_the_rest(monkeypatch):
    monkeypatch.setattr(flow_feed, "RETRY_SECONDS", 0.02)
    first = Listener()
    address = await first.open()
    feed = FlowFeed(address, SECRET)
    feed.running()
    feed.show(b"one")
    assert await next_of(first) == b"one"
    await first.close()
    second = Listener()
    await second.open(address[1])
    heard = asyncio.create_task(next_of(second))
    while not heard.done():
        feed.show(b"more")  # the first of these may go the way of the old connection
        await asyncio.sleep(0.02)
    assert heard.result() == b"more"
    await feed.done()
    await second.close()


async def test_nobody_listening_costs_the_oldest(monkeypatch):
    monkeypatch.setattr(flow_feed, "MOST_WAITING", 10)
    listener = Listener()
    feed = FlowFeed(await listener.open(), SECRET)
    for number in range(9):
        feed.show(b"%03d" % number)
    feed.running()
    assert [await next_of(listener) for _ in range(3)] == [b"006", b"007", b"008"]
    await feed.done()
    await listener.close()


async def test_it_ends_while_it_waits():
    feed = FlowFeed(("127.0.0.1", 9), SECRET)
    await feed.done()
    feed.running()
    await asyncio.sleep(0)
    await asyncio.wait_for(feed.done(), 5)
