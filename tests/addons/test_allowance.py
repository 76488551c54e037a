"""What is refused at the browsers' door, and what it takes to get around it."""

import json
from types import SimpleNamespace

import pytest
from mitmproxy.test import tflow
from mitmproxy.websocket import WebSocketData, WebSocketMessage
from wsproto.frame_protocol import Opcode

from addons import flow_context
from addons.allowance import Allowance
from addons.chain import Chain
from addons.flow_context import Door
from addons.usage_book import UsageBook
from core.user import UserRules
from tests.addons.test_chain import Notes, flow_with_context

ASK = b'{"modeId":"fast","message":"hello"}'


class Store:
    """One user."""

    def __init__(self, rules):
        self.rules = rules

    async def rules_of(self, user_id):
        return self.rules if user_id == 7 else None


@pytest.fixture
def told():
    return []


def allowance(told, **rules):
    store = Store(UserRules(**rules))
    return Allowance(store, UsageBook(store), lambda flow, text: told.append(json.loads(text)))


def question(body=ASK, user_id=7, path="/rest/app-chat/conversations/new", **headers):
    flow = flow_with_context()
    flow.request.method, flow.request.raw_content = "POST", body
    flow.request.headers.update(headers)
    context = flow_context.of(flow)
    context.upstream_path = context.path = path
    context.session = SimpleNamespace(user_id=user_id)
    return flow


def socket(path="/ws/mgw/?uid=u"):
    flow = question(path=path)
    flow.request.method, flow.websocket = "GET", WebSocketData()
    return flow


async def say(step, flow, *events, from_client=True, session_id="c-1", text=True):
    frames = [json.dumps({"session_id": session_id, "event": event}) for event in events]
    kind = Opcode.TEXT if text else Opcode.BINARY
    message = WebSocketMessage(kind, from_client, "".join(frames).encode())
    flow.websocket.messages.append(message)
    await Chain([step]).websocket_message(flow)
    return message


def create(mode):
    return {"type": "session.create", "session": {"model": mode}}


TURN = {"type": "response.create"}
ITEM = {"type": "conversation.item.create"}


async def asked(step, **more):
    flow = question(**more)
    await step.request(flow)
    return flow.response


async def test_the_last_question_is_asked_and_the_next_is_refused_by_name(told):
    step = allowance(told, day_limit=2, month_limit=50)
    assert await asked(step) is None
    assert await asked(step) is None
    refused = await asked(step)
    assert refused.status_code == 429
    assert json.loads(refused.content)["error"]["code"] == "day_limit"
    assert 0 < int(refused.headers["retry-after"]) <= 86_400


async def test_what_asks_nothing_is_neither_counted_nor_refused(told):
    step = allowance(told, day_limit=0)
    assert await asked(step, path="/rest/rate-limits") is None
    flow = question()
    flow_context.of(flow).door = Door.BRIDGE
    await step.request(flow)
    assert flow.response is None, "the bridge has asked before it called"


async def test_modes_are_looked_at_for_whom_they_are_limited(told):
    step = allowance(told, modes=("fast",))
    assert await asked(step) is None
    for body in (b'{"modeId":"heavy"}', b"{}", b'{"modeId":"fast","modeId":"heavy"}'):
        refused = await asked(step, body=body)
        assert refused.status_code == 403
        assert json.loads(refused.content)["error"]["code"] == "mode_not_allowed"
        assert "retry-after" not in refused.headers
    packed = await asked(step, **{"content-encoding": "gzip"})
    assert packed.status_code == 403
    assert await asked(allowance(told), body=b'{"modeId":"heavy"}') is None


async def test_who_is_no_user_any_more_asks_nothing(told):
    assert (await asked(allowance(told), user_id=8)).status_code == 429


async def test_a_question_over_the_limit_never_leaves_its_socket(told):
    step, flow = allowance(told, day_limit=1), socket()
    assert not (await say(step, flow, create("fast"))).dropped
    assert not (await say(step, flow, ITEM)).dropped
    assert not (await say(step, flow, TURN)).dropped
    assert (await say(step, flow, ITEM)).dropped, "it would stand there without an answer"
    assert told == []
    assert (await say(step, flow, TURN)).dropped
    assert [one["event"]["type"] for one in told] == ["response.grok.output", "response.done"]
    assert {one["session_id"] for one in told} == {"c-1"}
    assert not (await say(step, flow, {"type": "ping"})).dropped


async def test_both_transports_and_glued_frames_count_together(told):
    step, flow = allowance(told, day_limit=3), socket()
    assert await asked(step) is None
    assert (await say(step, flow, TURN, TURN, TURN)).dropped, "three are more than are left"
    assert not (await say(step, flow, TURN, TURN)).dropped
    assert (await asked(step)).status_code == 429


async def test_a_mode_that_is_not_his_is_not_asked_on_a_socket(told):
    step, flow = allowance(told, modes=("fast",)), socket()
    await say(step, flow, create("heavy"))
    assert (await say(step, flow, ITEM)).dropped
    assert (await say(step, flow, TURN)).dropped
    assert told[0]["event"]["output"]["stream_error"]["kind"] == "permission_denied"
    await say(step, flow, create("fast"))
    assert not (await say(step, flow, ITEM)).dropped
    assert not (await say(step, flow, TURN)).dropped
    assert (await say(step, flow, TURN, session_id="unknown")).dropped


async def test_a_frame_that_cannot_be_told_is_dropped_and_a_binary_one_is_no_question(told):
    step, flow = allowance(told, day_limit=1), socket()
    for text, dropped in ((True, True), (False, False)):
        kind = Opcode.TEXT if text else Opcode.BINARY
        flow.websocket.messages.append(WebSocketMessage(kind, True, b'{"a":1,"a":2}\xff'))
        message = flow.websocket.messages[-1]
        await Chain([step]).websocket_message(flow)
        assert message.dropped is dropped
    assert not (await say(step, flow, TURN, text=False)).dropped
    assert (await say(step, flow, TURN, text=False)).dropped, "but counts when it is one"


async def test_other_sockets_and_groks_own_words_pass(told):
    step = allowance(told, day_limit=0)
    assert not (await say(step, socket("/ws/imagine/listen"), TURN)).dropped
    assert not (await say(step, socket(), TURN, from_client=False)).dropped


async def test_what_we_say_ourselves_passes_no_step():
    later, flow = Notes(), socket()
    ours = WebSocketMessage(Opcode.TEXT, False, b"{}", injected=True)
    flow.websocket.messages.extend([tflow.twebsocketflow().websocket.messages[0], ours])
    await Chain([later]).websocket_message(flow)
    assert later.seen == []
    assert flow.websocket.messages == [ours]


async def test_what_one_step_drops_no_later_one_sees(told):
    later, flow = Notes(), socket()
    flow.websocket.messages.append(
        WebSocketMessage(Opcode.TEXT, True, b'{"event":{"type":"response.create"}}')
    )
    await Chain([allowance(told, day_limit=0), later]).websocket_message(flow)
    assert later.seen == []
