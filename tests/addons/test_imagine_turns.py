"""Two users of one account never wait for pictures at the same time."""

import asyncio

from addons.imagine_turns import ImagineTurns
from core.imagine_socket import ImagineSocket

ASK = {"item": {"content": [{"type": "input_text", "properties": {"num_generations": 1}}]}}


async def waiting(turns, owner, account=1):
    socket = ImagineSocket()
    assert await turns.take(account, owner, socket)
    socket.asked([ASK])
    return socket


async def test_another_user_waits_until_what_was_asked_for_has_begun():
    turns = ImagineTurns()
    alice = await waiting(turns, "user:1")
    bob = asyncio.create_task(waiting(turns, "user:2"))
    await asyncio.sleep(0.01)
    assert not bob.done()
    await turns.release(1, alice)
    await asyncio.wait_for(bob, 1)


async def test_another_account_and_another_tab_wait_for_nobody():
    turns = ImagineTurns()
    first = await waiting(turns, "user:1")
    await asyncio.wait_for(waiting(turns, "user:2", account=2), 1)
    second = await asyncio.wait_for(waiting(turns, "user:1"), 1)
    bob = asyncio.create_task(waiting(turns, "user:2"))
    await turns.release(1, first)
    await asyncio.sleep(0.01)
    assert not bob.done(), "the other tab still waits"
    await turns.release(1, second)
    await asyncio.wait_for(bob, 1)


async def test_who_takes_too_long_gets_nothing_that_begins_later():
    turns = ImagineTurns(seconds=0.05)
    alice = await waiting(turns, "user:1")
    await asyncio.wait_for(waiting(turns, "user:2"), 1)
    assert not alice.is_waiting
    await turns.release(1, alice)  # and ends nobody else's turn
    late = asyncio.create_task(waiting(turns, "user:3"))
    await asyncio.sleep(0.01)
    assert not late.done()
    await asyncio.wait_for(late, 1)


async def test_in_a_long_line_somebody_is_told_to_try_again():
    turns = ImagineTurns(seconds=0.05)
    await waiting(turns, "user:1")
    tries = [turns.take(1, f"user:{n}", ImagineSocket()) for n in range(2, 7)]
    assert False in await asyncio.wait_for(asyncio.gather(*tries), 2)
