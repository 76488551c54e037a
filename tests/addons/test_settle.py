"""What one answer after the other makes of an account's mark."""

import asyncio
import time
from types import SimpleNamespace

import pytest
from mitmproxy.test import tflow

from addons import flow_context
from addons.flow_context import Door, FlowContext
from addons.settle import Settle
from core.account import Account, AccountStatus
from core.client_address import Client
from core.origins import MirrorOrigin, Origins
from core.outcomes import Outcome

ACCOUNT = Account(id=7, name="a", sso_token="t")
MIRROR = MirrorOrigin("http", "mirror.test")
MEMBERS = "/rest/user-settings"


class Cooling:
    """Nothing rests here."""

    async def good(self, *args, **more):
        pass

    async def bad(self, *args):
        pass


class Store:
    """Shows one status all the time, and keeps what was called."""

    def __init__(self, shown):
        self.accounts = {7: SimpleNamespace(status=shown)}
        self.marks, self.uses = [], []
        self.slow = asyncio.Event()
        self.slow.set()

    async def call(self, function, *args):
        if function.__name__ == "used_account":
            await self.slow.wait()
            self.uses.append(args)
        elif function.__name__ == "mark_account":
            self.marks.append(args[1])

    async def refresh(self):
        """What it shows stays behind."""


def answered(path=MEMBERS, status=200, outcome=None, started=None):
    flow = tflow.tflow(resp=True)
    flow.response.status_code = status
    context = FlowContext(
        request_id="r",
        door=Door.BROWSER,
        started=time.monotonic() if started is None else started,
        client=Client("127.0.0.1", "http", "mirror.test", trusted=False),
        mirror=MIRROR,
        origins=Origins(MIRROR, ()),
        path=path,
        upstream_path=path,
        account=ACCOUNT,
        status=status,
        outcome=outcome,
    )
    flow_context.attach(flow, context)
    return flow


@pytest.mark.parametrize(
    "shown", [AccountStatus.UNKNOWN, AccountStatus.CHALLENGED, AccountStatus.SIGNED_OUT]
)
async def test_a_proof_of_life_clears_the_mark_once(shown):
    store = Store(shown)
    settle = Settle(store, Cooling())
    for _ in range(3):
        await settle.response(answered())
    assert store.marks == [AccountStatus.OK]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/_next/static/a.js", 200),
        ("/api/auth/session", 200),
        (MEMBERS, 302),
        (MEMBERS, 404),
        (MEMBERS, 500),
    ],
)
async def test_what_anybody_gets_is_no_proof(path, status):
    store = Store(AccountStatus.SIGNED_OUT)
    await Settle(store, Cooling()).response(answered(path, status))
    assert store.marks == []


@pytest.mark.parametrize("shown", [AccountStatus.OK, AccountStatus.BLOCKED])
async def test_other_marks_stay(shown):
    store = Store(shown)
    await Settle(store, Cooling()).response(answered())
    assert store.marks == []


async def test_pages_between_two_refusals_do_not_hide_them():
    store = Store(AccountStatus.OK)
    settle = Settle(store, Cooling())
    for flow in (
        answered(outcome=Outcome.SIGNED_OUT, status=401),
        answered("/_next/static/a.js"),
        answered("/"),
        answered(outcome=Outcome.SIGNED_OUT, status=401),
    ):
        await settle.response(flow)
    assert store.marks == [AccountStatus.SIGNED_OUT]


async def test_an_answer_without_a_body_is_judged_by_its_status():
    store = Store(AccountStatus.OK)
    settle = Settle(store, Cooling())
    for _ in range(2):
        await settle.response(answered(status=401))
    assert store.marks == [AccountStatus.SIGNED_OUT]


async def test_a_flow_from_before_the_verdict_does_not_lift_it():
    store = Store(AccountStatus.OK)
    settle = Settle(store, Cooling())
    early = time.monotonic()
    for _ in range(2):
        await settle.response(answered(outcome=Outcome.SIGNED_OUT, status=401))
    store.accounts[7].status = AccountStatus.SIGNED_OUT
    await settle.response(answered(started=early))
    assert store.marks == [AccountStatus.SIGNED_OUT]
    await settle.response(answered())
    assert store.marks == [AccountStatus.SIGNED_OUT, AccountStatus.OK]


async def test_use_is_noted_seldom_and_holds_nobody_up():
    store = Store(AccountStatus.OK)
    store.slow.clear()
    settle = Settle(store, Cooling())
    async with asyncio.timeout(1):
        for _ in range(5):
            await settle.response(answered())
    store.slow.set()
    await settle.done()
    assert len(store.uses) == 1
