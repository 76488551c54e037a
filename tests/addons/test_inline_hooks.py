"""Hooks that are over at once hold nothing up, others are waited for; data leaves together."""

import asyncio
from dataclasses import dataclass

import pytest
from mitmproxy.connection import Server
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.server import ConnectionHandler

from addons import inline_hooks
from addons.inline_hooks import MOST_AT_ONCE, InlineHooks


@dataclass
class Asked(commands.StartHook):
    """A hook that the layers wait for."""

    number: int
    name = "asked"


@dataclass
class Told(commands.StartHook):
    """One that they do not."""

    name = "told"
    blocking = False


class World:
    """A layer that does as it is told, before a handler that keeps what it gets."""

    def __init__(self):
        self.script, self.heard, self.may_end = [], [], asyncio.Event()
        self.may_end.set()
        self.told_later = asyncio.Queue()
        self.inline = InlineHooks(self, self)
        self.client = Server(address=("client.test", 1))

    def handle_event(self, event):
        self.heard.append(event)
        for command in self.script.pop(0) if self.script else []:
            if isinstance(command, Exception):
                raise command
            yield command

    async def handle_hook(self, hook):
        if not self.may_end.is_set():
            await self.may_end.wait()

    async def server_event(self, event):
        self.told_later.put_nowait(event)

    def turn(self, *script):
        self.script = [list(commands) for commands in script]
        return list(self.inline.handle_event(events.Start()))

    def completed(self):
        return [event.command.number for event in self.heard[1:]]


@pytest.fixture
async def world():
    return World()


A, B = Server(address=("a.test", 443)), Server(address=("b.test", 443))


def send(to, data):
    return commands.SendData(to, data)


def said(done):
    return [(each.connection, each.data) for each in done if isinstance(each, commands.SendData)]


async def test_the_layers_go_on_at_once_after_a_hook_that_is_over(world):
    done = world.turn([send(A, b"a"), Asked(1)], [send(A, b"b"), Asked(2)], [send(A, b"c")])
    assert world.completed() == [1, 2]
    assert said(done) == [(A, b"abc")]
    assert world.told_later.empty()


async def test_they_wait_for_one_that_is_not(world):
    world.may_end.clear()
    assert world.turn([send(A, b"a"), Asked(1)], [send(A, b"never here")])
    assert len(world.heard) == 1
    assert world.told_later.empty()
    world.may_end.set()
    told = await asyncio.wait_for(world.told_later.get(), 5)
    assert (type(told), told.command.number) == (events.HookCompleted, 1)


@pytest.mark.parametrize("is_slow", [False, True])
async def test_they_never_hear_of_one_they_do_not_wait_for(world, is_slow):
    if is_slow:
        world.may_end.clear()
    world.turn([Told(), Told()])
    world.may_end.set()
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(world.heard) == 1
    assert world.told_later.empty()


async def test_a_long_burst_lets_others_have_their_turn(world):
    world.turn(*([Asked(number)] for number in range(MOST_AT_ONCE + 5)))
    assert world.completed() == list(range(MOST_AT_ONCE - 1))
    told = await asyncio.wait_for(world.told_later.get(), 5)
    assert told.command.number == MOST_AT_ONCE - 1


async def test_the_order_of_what_leaves_is_kept(world):
    log = commands.Log("seen")
    close = commands.CloseConnection(A)
    done = world.turn([send(A, b"1"), send(A, b"2"), send(B, b"3"), send(A, b"4"), log, close])
    assert said(done) == [(A, b"12"), (B, b"3"), (A, b"4")]
    assert done[3:] == [log, close]


async def test_what_was_to_be_sent_leaves_though_a_layer_breaks(world):
    turn = world.inline.handle_event(events.Start())
    world.script = [[send(A, b"a"), ZeroDivisionError()]]
    assert said([next(turn)]) == [(A, b"a")]
    with pytest.raises(ZeroDivisionError):
        next(turn)


async def test_other_layers_hear_of_their_hooks_though_one_breaks(world):
    with pytest.raises(ZeroDivisionError):
        world.turn([Asked(1), ZeroDivisionError()])
    told = await asyncio.wait_for(world.told_later.get(), 5)
    assert told.command.number == 1


async def test_a_hook_that_breaks_ends_the_turn(world):
    async def broken(hook):
        raise ZeroDivisionError

    world.handle_hook = broken
    with pytest.raises(ZeroDivisionError):
        world.turn([Asked(1)], [send(A, b"never")])
    assert len(world.heard) == 1


async def test_whoever_looks_for_the_layer_finds_it(world):
    assert world.inline.client is world.client


def test_it_is_put_in_place_once(monkeypatch):
    monkeypatch.setattr(ConnectionHandler, "server_event", ConnectionHandler.server_event)
    inline_hooks.install()
    before = ConnectionHandler.server_event
    inline_hooks.install()
    assert ConnectionHandler.server_event is before
