"""The lean dispatch keeps mitmproxy's rules: order, errors, halts, and addons that come and go."""

import pytest
from mitmproxy import options
from mitmproxy.exceptions import AddonHalt
from mitmproxy.hooks import RunningHook
from mitmproxy.master import Master
from mitmproxy.proxy.layers.http import HttpRequestHook
from mitmproxy.test import tflow

from addons import dispatch


class Step:
    """Notes that it was called, then fails as told."""

    def __init__(self, name, seen, error=None, addons=()):
        self.name, self._seen, self._error, self.addons = name, seen, error, addons

    def request(self, flow):
        self._seen.append(self.name)
        if self._error:
            raise self._error


class Slow(Step):
    async def request(self, flow):
        super().request(flow)


@pytest.fixture
async def addons():
    master = Master(options.Options())
    dispatch.install(master)
    return master.addons


async def ask(addons):
    await addons.handle_lifecycle(HttpRequestHook(tflow.tflow()))


async def test_addons_are_called_in_order_with_those_inside_them(addons):
    seen = []
    addons.add(Step("a", seen, addons=[Slow("b", seen)]), Slow("c", seen))
    await ask(addons)
    assert seen == ["a", "b", "c"]


async def test_an_addon_that_raises_is_logged_and_the_next_one_called(addons, caplog):
    seen = []
    addons.add(Step("a", seen, RuntimeError("broken")), Step("b", seen))
    await ask(addons)
    assert seen == ["a", "b"]
    assert "Addon error: broken" in caplog.text


async def test_a_halt_ends_the_event_without_a_word(addons, caplog):
    seen = []
    addons.add(Step("a", seen, AddonHalt()), Step("b", seen))
    await ask(addons)
    assert seen == ["a"]
    assert not caplog.records


async def test_addons_that_come_and_go_are_noticed(addons):
    seen = []
    first, second = Step("a", seen), Step("b", seen)
    addons.add(first)
    await ask(addons)
    addons.add(second)
    addons.remove(first)
    await ask(addons)
    assert seen == ["a", "b"]


async def test_an_addon_that_waits_for_updates_stops_the_start(addons):
    class Screen:
        def update(self, flows):
            """Would never be called."""

    addons.add(Screen())
    with pytest.raises(TypeError):
        await addons.trigger_event(RunningHook())
