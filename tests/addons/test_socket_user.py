"""The chat socket's address is completed, or the call is refused: it never leaves half written."""

import json

import pytest

from addons import flow_context
from addons.chain import Chain
from addons.flow_context import Door
from addons.grok_reader import AnswerTooLargeError, NoAnswerError
from addons.socket_user import SocketUser
from addons.store import StorageBusyError
from core.account import Account
from core.account_trial import Reply
from core.error_page import json_error
from core.refusals import NO_EGRESS
from tests.addons.test_chain import flow_with_context

JSON = "application/json"
USER = "7b0c1f2e-0000-4000-8000-000000000001"
KNOWN = Reply(200, JSON, body=json.dumps({"session": {"userId": USER}}).encode())


class Reader:
    """Grok's answer, or what is raised in its place."""

    def __init__(self, reply):
        self.reply, self.asked = reply, 0

    async def ask(self, *_):
        self.asked += 1
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


class Store:
    """Remembers what was learnt."""

    def __init__(self, error=None):
        self.error, self.learnt = error, []

    async def call(self, _, account_id, **known):
        if self.error:
            raise self.error
        self.learnt.append((account_id, known["upstream_user_id"]))


def socket(path="/ws/mgw/?uid=", door=Door.BRIDGE, number=1):
    flow = flow_with_context()
    flow.response = None
    context = flow_context.of(flow)
    context.door, context.upstream_path = door, path
    context.account = Account(id=number, name="a", sso_token="t" * 30, upstream_user_id="wrong")
    return flow


async def run(reader, flow, store=None):
    await Chain([SocketUser(reader, store or Store())]).requestheaders(flow)
    return flow_context.of(flow)


def code_of(flow):
    return json.loads(flow.response.content)["error"]["code"]


async def test_grok_says_who_the_token_is():
    flow, store = socket(), Store()
    context = await run(Reader(KNOWN), flow, store)
    assert context.upstream_path == f"/ws/mgw/?uid={USER}"
    assert context.account.upstream_user_id == USER, "for the cookies of this call"
    assert store.learnt == [(1, USER)]


async def test_a_callers_own_account_is_not_written_down():
    store = Store()
    context = await run(Reader(KNOWN), socket(number=Account.NOT_STORED), store)
    assert context.upstream_path.endswith(USER)
    assert store.learnt == []


async def test_it_is_asked_once():
    reader = Reader(KNOWN)
    step = SocketUser(reader, Store())
    for _ in range(3):
        await step.requestheaders(socket())
    assert reader.asked == 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (NoAnswerError(), "upstream_unreachable"),
        (AnswerTooLargeError(), "upstream_unreachable"),
        (RuntimeError("a mistake of ours"), "internal"),
        (Reply(200, JSON, body=b'{"status":"unauthenticated"}'), "account_signed_out"),
        (Reply(200, JSON, body=b'{"status":"blocked"}'), "account_blocked"),
        (Reply(200, JSON, body=b"[]"), "upstream_error"),
        (Reply(502, "text/html", body=b"<html>"), "upstream_error"),
        (Reply(502, JSON, body=json_error(NO_EGRESS, "r-2")), "no_egress"),
        (Reply(403, "text/html", "challenge"), "challenged"),
        (TimeoutError(), "upstream_timeout"),
    ],
    ids=str,
)
async def test_where_nobody_says_who_it_is_the_call_ends_with_the_reason(reply, code):
    flow = socket()
    context = await run(Reader(reply), flow)
    assert code_of(flow) == code
    assert flow.response.headers["x-mirror-account"] == "1", "which the bridge then avoids"
    assert context.upstream_path == "/ws/mgw/?uid="


async def test_a_database_that_is_away_costs_no_call():
    flow = socket()
    context = await run(Reader(KNOWN), flow, Store(StorageBusyError()))
    assert flow.response is None
    assert context.upstream_path.endswith(USER)


@pytest.mark.parametrize(
    "flow",
    [
        socket(door=Door.BROWSER),
        socket("/ws/mgw/?uid=u-1"),
        socket("/rest/app-chat/conversations?uid="),
    ],
    ids=["a page", "already said", "no chat socket"],
)
async def test_everything_else_passes_as_it_is(flow):
    before, reader = flow_context.of(flow).upstream_path, Reader(KNOWN)
    context = await run(reader, flow)
    assert (context.upstream_path, reader.asked) == (before, 0)
