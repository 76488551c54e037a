"""What is open ends with the session that opened it, and with the way its account is shared."""

import time
from types import SimpleNamespace

import pytest

from addons import flow_context
from addons.flow_context import Destination
from addons.session_watch import CHECK_SECONDS, SessionWatch
from addons.store import StorageBusyError
from tests.addons.test_chain import flow_with_context


class Store:
    """One session and one account."""

    def __init__(self):
        self.accounts = {1: SimpleNamespace(private_to=None)}
        self.answer = SimpleNamespace(user_id=7)

    async def session(self, cookie):
        assert cookie == "cookie-of-7"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def cut():
    return []


@pytest.fixture
def watch(store, cut):
    return SessionWatch(store, cut.append)


@pytest.fixture
def flow(watch):
    """Of user 7, open for longer than between two looks."""
    flow = flow_with_context()
    flow.response, flow.live = None, True
    context = flow_context.of(flow)
    context.session, context.session_cookie = SimpleNamespace(user_id=7), "cookie-of-7"
    context.account, context.isolated = SimpleNamespace(id=1), True
    context.destination = Destination.UPSTREAM
    context.started = time.monotonic() - 2 * CHECK_SECONDS
    watch.requestheaders(flow)
    return flow


async def test_what_its_session_allows_stays(watch, flow, cut):
    await watch.look()
    assert cut == []


@pytest.mark.parametrize("answer", [None, RuntimeError("a mistake of ours")])
async def test_without_a_session_or_a_judgement_it_is_cut(watch, flow, store, cut, answer):
    store.answer = answer
    await watch.look()
    assert cut == [flow]
    await watch.look()
    assert cut == [flow, flow], "the first time its connection may not have been there yet"
    flow.live = False
    await watch.look()
    assert len(cut) == 2


async def test_what_ends_while_it_is_judged_is_not_cut(watch, flow, store, cut):
    """By then somebody else may use the connection."""

    async def end_meanwhile(cookie):
        watch.response(flow)

    store.session = end_meanwhile
    await watch.look()
    assert cut == []


async def test_sharing_is_judged_though_the_database_is_away(watch, flow, store, cut):
    store.answer, store.accounts[1].private_to = StorageBusyError(), 7
    await watch.look()
    assert cut == [flow]


async def test_a_database_that_is_away_is_no_verdict(watch, flow, store, cut):
    store.answer = StorageBusyError()
    await watch.look()
    assert cut == []


async def test_an_account_that_is_shared_or_reserved_from_now_on_ends_it(watch, flow, store, cut):
    store.accounts[1].private_to = 7
    await watch.look()
    assert cut == [flow]


async def test_what_has_just_begun_or_has_ended_is_left_alone(watch, flow, store, cut):
    store.answer = None
    flow_context.of(flow).started = time.monotonic()
    await watch.look()
    flow_context.of(flow).started = 0.0
    flow.live = False
    await watch.look()
    assert cut == []


@pytest.mark.parametrize("ending", ["response", "error", "websocket_end"])
async def test_every_ending_is_noticed(watch, flow, store, cut, ending):
    store.answer = None
    getattr(watch, ending)(flow)
    await watch.look()
    assert cut == []


async def test_a_socket_stays_open_after_its_handshake(watch, flow, store, cut):
    flow.websocket = object()
    watch.response(flow)
    store.answer = None
    await watch.look()
    assert cut == [flow]
