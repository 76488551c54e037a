"""What is done now and then goes on until it is stopped."""

import asyncio

import pytest

from addons.recurring import Recurring


class Chore:
    """Notes how often it was done; fails the first time."""

    def __init__(self):
        self.times = 0
        self.done_again = asyncio.Event()

    def do(self):
        self.times += 1
        if self.times == 1:
            raise LookupError("lost")
        self.done_again.set()

    async def do_later(self):
        await asyncio.sleep(0)
        self.do()


@pytest.mark.parametrize("name", ["do", "do_later"])
async def test_a_failure_is_told_and_does_not_end_it(name, caplog):
    chore = Chore()
    recurring = Recurring(0.001, getattr(chore, name))
    recurring.start()
    await asyncio.wait_for(chore.done_again.wait(), 5)
    recurring.stop()
    assert f"Chore.{name} failed (LookupError)" in caplog.text
    assert "lost" not in caplog.text


async def test_nothing_is_done_once_it_was_stopped():
    chore = Chore()
    recurring = Recurring(0.001, chore.do)
    recurring.start()
    await asyncio.wait_for(chore.done_again.wait(), 5)
    recurring.stop()
    times = chore.times
    await asyncio.sleep(0.02)
    assert chore.times == times


def test_what_was_never_started_can_be_stopped():
    Recurring(1, print).stop()


async def test_the_first_time_may_come_at_once():
    chore = Chore()
    recurring = Recurring(60.0, chore.do, first=0.0)
    recurring.start()
    async with asyncio.timeout(5):
        while not chore.times:  # noqa: ASYNC110  it fails then, and tells no event
            await asyncio.sleep(0)
    recurring.stop()
