"""What is poured from one connection into another, with real sockets."""

import asyncio
import socket

import pytest

from addons import piping
from core.pace import AT_ONCE, Pace

pytestmark = pytest.mark.loop


class Sink:
    """Takes what is poured, a piece for each time that something came."""

    def __init__(self):
        self.pieces = []
        self.ended = asyncio.Event()

    async def accept(self, reader, writer):
        while piece := await reader.read(1 << 20):
            self.pieces.append(piece)
        self.ended.set()
        writer.close()


@pytest.fixture
async def sink():
    return Sink()


@pytest.fixture
async def pour(sink):
    """Call with the pace, get a writer whose words end in the sink."""
    server = await asyncio.start_server(sink.accept, "127.0.0.1", 0)
    opened, carrying = [server], []

    async def pour(pace):
        async def carry(reader, back):
            reader.pace = pace
            _, into = await asyncio.open_connection(*server.sockets[0].getsockname())
            await (await reader.pour_into(into))
            into.close()
            back.close()

        near, far = socket.socketpair()
        carrying.append(asyncio.create_task(carry(*await piping.connect(far, None, None))))
        _, writer = await asyncio.open_connection(sock=near)
        opened.append(writer)
        return writer

    yield pour
    for one in opened:
        one.close()


async def speak(writer, words, pause):
    for word in words:
        writer.write(word)
        await writer.drain()
        await asyncio.sleep(pause)
    writer.close()


WORDS = [b"%d " % number for number in range(60)]


async def test_words_that_come_fast_are_gathered_and_none_is_lost(pour, sink):
    now = asyncio.get_running_loop().time
    start = now()
    await speak(await pour(Pace(gap=0.1)), WORDS, 0.01)
    await asyncio.wait_for(sink.ended.wait(), 5)
    assert b"".join(sink.pieces) == b"".join(WORDS)
    gaps = (now() - start) / 0.1
    assert AT_ONCE <= len(sink.pieces) <= AT_ONCE + gaps + 2
    assert len(sink.pieces) < len(WORDS) or gaps > 30


async def test_large_pieces_are_never_held_up(pour, sink):
    start = asyncio.get_running_loop().time()
    await speak(await pour(Pace(gap=10.0)), [bytes(200_000)] * 20, 0)
    await asyncio.wait_for(sink.ended.wait(), 5)
    assert sum(map(len, sink.pieces)) == 4_000_000
    assert asyncio.get_running_loop().time() - start < 5


async def test_without_a_gap_all_is_handed_on_as_it_comes(pour, sink):
    await speak(await pour(Pace()), WORDS, 0.01)
    await asyncio.wait_for(sink.ended.wait(), 5)
    assert len(sink.pieces) > 2 * AT_ONCE


async def test_an_end_that_came_before_is_passed_on(sink):
    server = await asyncio.start_server(sink.accept, "127.0.0.1", 0)
    near, far = socket.socketpair()
    reader, back = await piping.connect(far, None, None)
    near.sendall(b"all of it")
    near.close()
    await asyncio.wait_for(asyncio.shield(reader._end), 5)
    _, into = await asyncio.open_connection(*server.sockets[0].getsockname())
    assert (await reader.pour_into(into)).done()
    await asyncio.wait_for(sink.ended.wait(), 5)
    assert sink.pieces == [b"all of it"]
    for one in (into, back, server):
        one.close()
