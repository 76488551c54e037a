"""What passes is what mitmproxy's own layer lets pass, whatever comes together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy.proxy import commands, context, events
from mitmproxy.proxy.layers.http import websocket as made_by_http
from mitmproxy.proxy.layers.websocket import WebsocketEndHook, WebsocketMessageHook
from mitmproxy.test import taddons, tflow
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

from addons import flow_context, socket_relay
from addons.socket_relay import MOST_TOGETHER, SocketRelay, WebsocketBundleHook
from tests.addons.test_chain import flow_with_context
from tests.core.streams import cut

SECRET = b"sso-of-the-account"
BEGUN = TextMessage("be", message_finished=False)


class World:
    """The relay between a page and Grok, each of whom has wsproto; `judge` is the chain."""

    def __init__(self, judge=lambda message: None):
        self.judge, self.bundles, self.closed, self.heard = judge, [], [], []
        self.flow = flow_with_context(ws=True, resp=True)
        self.flow.websocket.messages.clear()
        self.flow.live = True
        flow_context.of(self.flow).secrets = frozenset({SECRET})
        with taddons.context() as made:
            self.context = context.Context(tflow.tclient_conn(), made.options)
        self.relay = SocketRelay(self.context, self.flow)
        self.grok = Connection(ConnectionType.SERVER)
        self.page = Connection(ConnectionType.CLIENT)
        self.handle(events.Start())

    def handle(self, event):
        for command in self.relay.handle_event(event):
            match command:
                case commands.SendData(connection=self.context.client):
                    self.page.receive_data(command.data)
                    self.heard += [_plain(event) for event in self.page.events()]
                case commands.CloseConnection():
                    self.closed.append(command.connection)
                case WebsocketBundleHook(bundle):
                    self.judge_all(bundle)
                case WebsocketMessageHook():
                    self.judge(self.flow.websocket.messages[-1])
            if isinstance(command, commands.StartHook) and command.blocking:
                self.handle(events.HookCompleted(command))

    def judge_all(self, bundle):
        assert bundle.flow is self.flow
        self.bundles.append(bundle.messages)
        for message in bundle.messages:
            self.judge(message)
            if not message.dropped:
                bundle.passing.append(message)

    def says(self, *said, cuts=()):
        data = b"".join(self.grok.send(event) for event in said)
        for piece in cut(data, *cuts):
            self.handle(events.DataReceived(self.context.server, piece))
        return self.heard


def _plain(event):
    match event:
        case TextMessage() | BytesMessage():
            return event.data, event.message_finished
        case Ping() | Pong():
            return type(event), bytes(event.payload)
        case CloseConnection():
            return event.code, event.reason


def text(said):
    return said, True


def test_mitmproxy_makes_this_layer():
    socket_relay.install()
    socket_relay.install()
    assert made_by_http.WebsocketLayer is SocketRelay


def test_texts_that_come_together_are_judged_together_and_in_order():
    world = World()
    assert world.says(*map(TextMessage, "abc")) == [text("a"), text("b"), text("c")]
    assert [[m.content for m in bundle] for bundle in world.bundles] == [[b"a", b"b", b"c"]]


def test_no_more_than_some_at_a_time():
    world = World()
    said = [str(number) for number in range(2 * MOST_TOGETHER + 1)]
    assert world.says(*map(TextMessage, said)) == [text(each) for each in said]
    assert [len(bundle) for bundle in world.bundles] == [MOST_TOGETHER, MOST_TOGETHER, 1]


def test_what_is_dropped_or_changed_is_so():
    def judge(message):
        if message.content == b"a":
            message.drop()
        message.content = message.content.upper() * 5000

    world = World(judge)
    heard = world.says(TextMessage("a"), TextMessage("b"))
    assert "".join(data for data, _ in heard) == "B" * 5000


def test_nothing_passes_that_nobody_has_judged():
    world, heard = World(), []
    together = b"\x81\x01a\x81\x01b"
    for command in world.relay.handle_event(events.DataReceived(world.context.server, together)):
        heard.append(command)
        if isinstance(command, WebsocketBundleHook):  # and the hook is over: it failed
            heard += world.relay.handle_event(events.HookCompleted(command))
    assert [type(each) for each in heard] == [WebsocketBundleHook]


def test_nothing_is_sent_when_all_is_dropped():
    assert World(lambda message: message.drop()).says(TextMessage("a"), TextMessage("b")) == []


_SAID = [
    TextMessage("one"),
    TextMessage("zwei ä\u2028"),
    Ping(b"p" + SECRET),
    BytesMessage(b"\x00\xff"),
    BEGUN,
    Pong(b"q"),
    TextMessage("gun"),
    TextMessage("x" * 300),
    TextMessage(""),
]
_HEARD = [
    text("one"),
    text("zwei ä\u2028"),
    (Ping, b"p" + b"*" * len(SECRET)),
    (b"\x00\xff", True),
    (Pong, b"q"),
    ("be", False),
    text("gun"),
    text("x" * 300),
    text(""),
]


@given(st.lists(st.integers(0, 400), max_size=6))
def test_all_kinds_pass_in_order_at_every_cut(cuts):
    assert World().says(*_SAID, cuts=cuts) == _HEARD


def test_nothing_passes_behind_the_end():
    world = World()
    data = world.grok.send(CloseConnection(1000, "over " + SECRET.decode()))
    late = b"\x81\x04late"
    world.handle(events.DataReceived(world.context.server, data + late))
    world.handle(events.DataReceived(world.context.server, late))
    assert world.heard == [(1000, "over " + "*" * len(SECRET))]
    assert set(world.closed) == {world.context.server, world.context.client}
    assert not world.flow.live


@pytest.mark.parametrize("wrong", [b"\x81\x02\xff\xfe", b"\x81\x81abcda", b"\x80\x01a"])
def test_what_breaks_the_protocol_ends_the_socket(wrong):
    world = World()
    world.handle(events.DataReceived(world.context.server, b"\x81\x01a" + wrong + b"\x81\x01b"))
    assert world.heard[0] == text("a")
    assert text("b") not in world.heard
    assert not world.flow.live


def test_the_page_is_heard_as_ever():
    world = World(lambda message: message.drop())
    said = world.page.send(TextMessage("a"))
    world.handle(events.DataReceived(world.context.client, said))
    assert [m.content for m in world.flow.websocket.messages] == [b"a"]
    assert world.bundles == []


def test_grok_hangs_up_in_the_middle_of_a_frame():
    world = World()
    world.handle(events.DataReceived(world.context.server, b"\x81\x05ab"))
    world.handle(events.ConnectionClosed(world.context.server))
    assert world.heard == [(1000, "")]  # wsproto sends this for 1006, which no frame may say
    assert not world.flow.live


def test_hooks_of_this_kind_are_waited_for():
    assert WebsocketBundleHook.blocking
    assert WebsocketBundleHook.name == "websocket_bundle"
    assert WebsocketEndHook.blocking
