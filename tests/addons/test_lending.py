"""Leases, the line before them, and what ends a wait."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from addons import lending
from addons.lending import AllBusyError, Lending, NobodyError
from addons.mode_book import ModeBook
from addons.store import Snapshot
from core.account import Account
from core.bridge_call import BridgeCall
from core.people import KeyTies, People
from core.pool_choice import Strategy
from core.rests import Rest
from core.user import UserRules

PEOPLE = People(
    rules={1: UserRules(pools=frozenset({2}))},
    keys={
        **{number: KeyTies() for number in range(200)},
        900: KeyTies(pools=frozenset({1})),
        901: KeyTies(user_id=1),
        902: KeyTies(user_id=1, pools=frozenset({1})),
    },
    members={1: frozenset({1, 2}), 2: frozenset({2, 3})},
)


def pool(*ids, cap=1, **more):
    accounts = {n: Account(id=n, name=str(n), sso_token="t", **more) for n in ids}
    snapshot, modes = Snapshot(1, accounts, people=PEOPLE), ModeBook(SimpleNamespace())
    return Lending(lambda: snapshot, modes, Strategy.LEAST_USED, cap), modes


def call(caller="key:1", **more):
    return BridgeCall(caller, **more)


async def test_the_next_in_line_is_served_when_a_lease_ends():
    lender, _ = pool(1)
    first = await lender.lend(call())
    second = asyncio.create_task(lender.lend(call()))
    await asyncio.sleep(0)
    assert not second.done()
    lender.end(first)
    lender.end(first)
    lender.end(await second)
    assert lender.open_leases == 0


async def test_a_heavy_caller_does_not_starve_another():
    lender, _ = pool(1)
    lease, order = await lender.lend(call()), []

    async def ask(caller):
        mine = await lender.lend(call(caller))
        order.append(caller)
        lender.end(mine)

    async with asyncio.TaskGroup() as group:
        for caller in ("key:1", "key:1", "key:1", "key:2"):
            group.create_task(ask(caller))
        await asyncio.sleep(0)
        lender.end(lease)
    assert order.index("key:2") == 1
    assert lender.open_leases == 0


async def test_who_waits_too_long_is_told_when_to_come_back(monkeypatch):
    monkeypatch.setattr(lending, "QUEUE_SECONDS", 0.05)
    lender, _ = pool(1)
    lease = await lender.lend(call())
    with pytest.raises(AllBusyError) as caught:
        await lender.lend(call())
    assert caught.value.seconds == lending.BUSY_SECONDS
    lender.end(lease)
    lender.end(await lender.lend(call()))


async def test_when_all_rest_nobody_waits_and_the_earliest_is_told():
    lender, modes = pool(1, 2)
    for account_id, seconds in ((1, 90), (2, 30)):
        rest = Rest(time.time() + seconds, 1, "rate_limited")
        modes.set_rest(account_id, "fast", rest, time.time())
    with pytest.raises(AllBusyError) as caught:
        await lender.lend(call(mode="fast"))
    assert 28 < caught.value.seconds <= 30
    assert (await lender.lend(call(mode="expert"))).account_id == 1


async def test_without_any_account_nobody_waits():
    lender, _ = pool(1, enabled=False)
    with pytest.raises(NobodyError):
        await lender.lend(call())


async def test_a_wait_that_is_given_up_takes_nothing():
    lender, _ = pool(1)
    lease = await lender.lend(call())
    waiting = asyncio.create_task(lender.lend(call()))
    await asyncio.sleep(0)
    lender.end(lease)  # served, and given up before it notices
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert lender.open_leases == 0


async def test_a_conversation_waits_for_its_own_account():
    lender, _ = pool(1, 2)
    lease = await lender.lend(call(account_id=1))
    waiting = asyncio.create_task(lender.lend(call(account_id=1)))
    other = await lender.lend(call("key:2"))
    assert other.account_id == 2
    assert not waiting.done()
    lender.end(lease)
    assert (await waiting).account_id == 1


async def test_a_sticky_caller_comes_back_to_his_account_and_no_other_callers_do():
    lender, _ = pool(1, 2, 3, cap=9)
    first = await lender.lend(call(sticky="s"))
    for _ in range(4):
        assert (await lender.lend(call(sticky="s"))).account_id == first.account_id
    assert (await lender.lend(call("key:2", sticky="s"))).account_id != first.account_id


async def test_a_sticky_caller_is_free_again_when_his_account_kept_silent():
    lender, _ = pool(1, 2, 3, cap=9)
    silent = await lender.lend(call(sticky="s"))
    lender.unstick(call(sticky="s"))
    assert (await lender.lend(call(sticky="s"))).account_id != silent.account_id


async def test_the_last_choices_can_be_explained():
    lender, _ = pool(1, 2)
    for _ in range(2):
        await lender.lend(call())
    caller, choice = lender.explained[-1]
    assert (caller, choice.account.id, choice.skipped) == ("key:1", 2, {"busy": 1})


async def test_an_open_lease_knows_how_it_came_about_and_a_refusal_why_not():
    lender, _ = pool(1, 2)
    lease, tied = (
        await lender.lend(call(avoid=frozenset({1}))),
        await lender.lend(call(account_id=1)),
    )
    choice = lender.choice_of(lease)
    assert (choice.candidates, choice.skipped) == ((2,), {"avoided": 1})
    assert lender.choice_of(tied) is None, "it was named, not chosen"
    lender.end(lease)
    assert lender.choice_of(lease) is None
    closed, _ = pool(1, 2, draining=True)
    with pytest.raises(NobodyError) as caught:
        await closed.lend(call())
    assert caught.value.choice.account is None


async def test_an_account_may_have_a_bound_of_its_own():
    lender, _ = pool(1, cap=4, concurrency=2)
    leases = [await lender.lend(call()) for _ in range(2)]
    tied, free = (asyncio.create_task(lender.lend(call(account_id=n))) for n in (1, None))
    await asyncio.sleep(0)
    assert not tied.done()
    assert not free.done()
    for lease in leases:
        lender.end(lease)
    assert {(await tied).account_id, (await free).account_id} == {1}
    more, _ = pool(1, cap=1, concurrency=3)
    for _ in range(3):
        await more.lend(call())
    assert more.open_leases == 3


async def test_two_hundred_callers_never_overload_an_account():
    lender, _ = pool(1, 2, cap=4)
    most = 0

    async def ask(number):
        nonlocal most
        lease = await lender.lend(call(f"key:{number}"))
        most = max(most, lender.open_leases)
        await asyncio.sleep(0)
        lender.end(lease)

    async with asyncio.TaskGroup() as group:
        for number in range(200):
            group.create_task(ask(number))
    assert (most, lender.open_leases) == (8, 0)


@pytest.mark.parametrize(
    ("caller", "reached"), [("key:900", {1, 2}), ("key:901", {2, 3}), ("key:902", {2})]
)
async def test_a_key_is_lent_accounts_of_its_pools_and_of_its_users(caller, reached):
    lender, _ = pool(1, 2, 3, 4)
    leases = [await lender.lend(call(caller)) for _ in reached]
    assert {lease.account_id for lease in leases} == reached
    waiting = asyncio.create_task(lender.lend(call(caller)))
    await asyncio.sleep(0)
    assert not waiting.done(), "its pools are at work, and the free ones are not its own"
    assert {(await lender.lend(call("key:1"))).account_id} & ({1, 2, 3, 4} - reached)
    for lease in leases:
        lender.end(lease)
    assert (await waiting).account_id in reached


async def test_a_caller_nobody_knows_any_more_is_lent_nothing():
    lender, _ = pool(1)
    with pytest.raises(NobodyError):
        await lender.lend(call("key:12345"))


async def test_in_one_pool_all_busy_keeps_nobody_of_another_waiting():
    lender, _ = pool(1, 2, 3)
    await lender.lend(call("key:902"))
    stuck = asyncio.create_task(lender.lend(call("key:902")))
    await asyncio.sleep(0)
    assert (await lender.lend(call("key:900"))).account_id == 1
    assert not stuck.done()
    stuck.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stuck
