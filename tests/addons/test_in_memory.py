"""A connection inside the process behaves as one through the system would."""

import asyncio
import gc
import weakref

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
    await asyncio.sleep(0)  # as the system would say with the next turn
    with pytest.raises(ConnectionResetError):
        await write_far.drain()


async def test_closing_lets_go_of_a_writer_that_is_held_up(ends):
    _, write_near, _, write_far = ends
    write_near.write(b"x" * 5_000)
    draining = asyncio.create_task(write_near.drain())
    await asyncio.sleep(0)
    write_far.close()
    await asyncio.wait_for(draining, 1)


async def test_what_a_closed_end_has_not_read_is_freed_at_once():
    """Without a collection, which comes twice a minute."""
    near, far = in_memory.connected(asyncio.StreamReader(), asyncio.StreamReader(), "")
    gone = weakref.ref(far[0])
    near[1].write(b"x" * 5_000)
    near[1].transport.abort()
    await asyncio.sleep(0)
    gc.disable()
    try:
        del near, far
        await asyncio.sleep(0)
        assert gone() is None
    finally:
        gc.enable()


async def test_an_abort_closes_both(ends):
    near, write_near, far, write_far = ends
    write_far.transport.abort()
    assert write_near.is_closing()
    assert write_far.is_closing()
    assert await near.read() == await far.read() == b""
