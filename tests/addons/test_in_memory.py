"""A connection inside the process behaves as one through the system would."""

import asyncio

import pytest

from addons import in_memory


@pytest.fixture
async def ends():
    (near, write_near), (far, write_far) = in_memory.connected(
        asyncio.StreamReader(1_000), asyncio.StreamReader(1_000), "the other end"
    )
    yield near, write_near, far, write_far
    write_near.transport.abort()


async def test_what_is_written_to_one_end_is_read_from_the_other(ends):
    near, write_near, far, write_far = ends
    write_near.writelines([b"there ", b"and "])
    write_far.write(b"back")
    assert await far.readexactly(10) == b"there and "
    assert await near.read(100) == b"back"
    assert write_near.get_extra_info("peername") == ("the other end", 0)


async def test_a_half_that_has_ended_leaves_the_other_open(ends):
    near, write_near, far, write_far = ends
    write_near.write(b"last")
    write_near.write_eof()
    write_near.write(b"lost")
    assert await far.read() == b"last"
    write_far.write(b"answer")
    assert await near.readexactly(6) == b"answer"


async def test_a_reader_that_has_enough_holds_the_writer_up(ends):
    _, write_near, far, _ = ends
    write_near.write(b"x" * 5_000)
    draining = asyncio.create_task(write_near.drain())
    assert not (await asyncio.wait([draining], timeout=0.05))[0]
    assert write_near.transport.get_write_buffer_size()
    await far.readexactly(5_000)
    await asyncio.wait_for(draining, 1)
    assert not write_near.transport.get_write_buffer_size()


async def test_one_end_closed_is_the_end_of_what_the_other_reads(ends):
    near, write_near, far, write_far = ends
    write_near.write(b"last")
    write_near.close()
    assert await far.read() == b"last"
    write_far.write(b"to nobody")
    assert await near.read() == b""
    await asyncio.wait_for(write_near.wait_closed(), 1)
    assert not write_far.is_closing()


async def test_closing_lets_go_of_a_writer_that_is_held_up(ends):
    _, write_near, _, write_far = ends
    write_near.write(b"x" * 5_000)
    draining = asyncio.create_task(write_near.drain())
    await asyncio.sleep(0)
    write_far.close()
    await asyncio.wait_for(draining, 1)


async def test_an_abort_closes_both(ends):
    near, write_near, far, write_far = ends
    write_far.transport.abort()
    assert write_near.is_closing()
    assert write_far.is_closing()
    assert await near.read() == await far.read() == b""
