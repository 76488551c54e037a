"""What of a flow developers are shown: heads and bodies as they passed, and no secret."""

from types import SimpleNamespace

import pytest
from mitmproxy.flow import Error, Flow
from mitmproxy.http import Headers
from mitmproxy.io import tnetstring
from mitmproxy.test import tflow
from mitmproxy.websocket import WebSocketMessage
from wsproto.frame_protocol import Opcode

from addons import flow_context
from addons.chain import Chain
from addons.flow_context import Destination
from addons.flow_tap import MOST_BYTES, FlowTap
from tests.addons import test_records

TOKEN = b"eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2lnbmVk"


def flow(**more):
    """One that is meant for Grok, unless it is told otherwise."""
    made = test_records.flow(**more)
    flow_context.of(made).rule = SimpleNamespace(host="grok.com")
    return made


@pytest.fixture
def tapped():
    """The tap, and the copies it has shown."""
    shown = []
    return FlowTap(shown.append), shown


def pieces(of, *bodies):
    """The answer's body comes through a filter, as all bodies of the chain do."""
    of.response.stream = lambda data: [data] if data else []
    return bodies


def pass_through(tap, of, *bodies):
    tap.requestheaders(of)
    tap.request(of)
    tap.responseheaders(of)
    said = b"".join(piece for body in (*bodies, b"") for piece in of.response.stream(body))
    tap.response(of)
    return said


def read(data):
    copy = Flow.from_state(tnetstring.loads(data))
    assert not copy.live
    return copy


def test_a_copy_holds_what_passed(tapped):
    tap, shown = tapped
    made = flow()
    made.request.raw_content = b'{"message": "hi"}'
    bodies = pieces(made, b"Hel", b"lo")
    assert pass_through(tap, made, *bodies) == b"Hello", "the caller gets the same"
    (data,) = shown
    copy = read(data)
    assert (copy.id, copy.request.path) == (made.id, made.request.path)
    assert (copy.request.raw_content, copy.response.raw_content) == (b'{"message": "hi"}', b"Hello")
    assert copy.comment.startswith("r-1 for ")
    assert copy.metadata == {}, "our notes stay here"


@pytest.mark.parametrize("where", ["url", "header", "request", "response"])
def test_what_was_sent_upstream_as_a_cookie_is_taken_out(tapped, where):
    tap, shown = tapped
    made = flow()
    flow_context.of(made).secrets = frozenset({TOKEN})
    body = b"before " + TOKEN + b" after"
    match where:
        case "url":
            made.request.path = "/" + body.decode()
        case "header":
            made.response.headers["x-echo"] = body.decode()
        case "request":
            made.request.raw_content = body
    bodies = pieces(made, body[:20], body[20:]) if where == "response" else pieces(made)
    pass_through(tap, made, *bodies)
    assert TOKEN not in shown[0]
    assert b"before " in shown[0]
    assert read(shown[0]), "and it can be read still"


@pytest.mark.parametrize(
    "name", ["Cookie", "Authorization", "x-api-key", "api-key", "X-Mirror-Secret", "x-mirror-sso"]
)
def test_headers_that_carry_secrets_are_masked(tapped, name):
    tap, shown = tapped
    made = flow()
    made.request.headers[name] = "hidden-value"
    made.response.headers = Headers([(b"set-cookie", b"mirror_session=hidden-value")])
    pieces(made)
    pass_through(tap, made)
    assert b"hidden-value" not in shown[0]
    copy = read(shown[0])
    assert (copy.request.headers[name], copy.response.headers["set-cookie"]) == ("***", "***")
    assert made.request.headers[name] == "hidden-value", "the flow itself is left alone"


@pytest.mark.parametrize("is_answered", [False, True])
@pytest.mark.parametrize("destination", [Destination.SIDECAR, Destination.NOWHERE])
def test_only_what_is_meant_for_grok_is_shown(tapped, destination, is_answered):
    tap, shown = tapped
    made = flow(destination=destination)
    context = flow_context.of(made)
    context.answered_here = is_answered
    if destination is Destination.NOWHERE:
        context.rule = None
    bodies = pieces(made, b"password=x")
    pass_through(tap, made, *bodies)
    assert shown == []


def test_what_an_earlier_step_has_refused_is_shown(tapped):
    tap, shown = tapped
    made = flow(destination=Destination.NOWHERE)
    flow_context.of(made).answered_here = True
    made.response.raw_content = b"no such page"
    tap.response(made)
    assert read(shown[0]).response.raw_content == b"no such page"


def test_our_own_answer_is_shown_with_its_body(tapped):
    tap, shown = tapped
    made = flow()
    flow_context.of(made).answered_here = True
    made.response.raw_content = b"ours"
    tap.requestheaders(made)
    tap.response(made)
    assert read(shown[0]).response.raw_content == b"ours"


def test_a_flow_that_failed_is_shown_once(tapped):
    tap, shown = tapped
    made = flow()
    made.response, made.error = None, Error("cut")
    tap.requestheaders(made)
    tap.error(made)
    tap.error(made)
    (copy,) = map(read, shown)
    assert copy.error.msg == "cut, or no answer; the caller was told nothing"


def test_of_a_long_body_the_beginning_is_shown(tapped):
    tap, shown = tapped
    made = flow()
    bodies = pieces(made, b"a" * (MOST_BYTES - 1), b"bcd", b"e")
    assert len(pass_through(tap, made, *bodies)) == MOST_BYTES + 3
    copy = read(shown[0])
    assert copy.response.raw_content == b"a" * (MOST_BYTES - 1) + b"b"
    assert copy.comment.endswith("shortened")


def socket_of(tap):
    made = flow()
    made.websocket = tflow.twebsocketflow().websocket
    tap.requestheaders(made)
    tap.response(made)
    return made


def say(tap, socket, content):
    message = WebSocketMessage(Opcode.TEXT, False, content)
    socket.websocket.messages = [message]
    tap.websocket_message(socket)


def test_a_socket_is_shown_with_its_latest_messages_when_it_closes(tapped):
    tap, shown = tapped
    socket = socket_of(tap)
    flow_context.of(socket).secrets = frozenset({TOKEN})
    say(tap, socket, b"x" * MOST_BYTES)
    say(tap, socket, b"one " + TOKEN)
    say(tap, socket, b"two")
    assert shown == []
    tap.websocket_end(socket)
    contents = [message.content for message in read(shown[0]).websocket.messages]
    assert contents == [b"one " + b"*" * len(TOKEN), b"two"]


def test_many_small_messages_are_not_kept_for_nothing(tapped):
    tap, shown = tapped
    socket = socket_of(tap)
    for _ in range(5000):
        say(tap, socket, b"")
    tap.websocket_end(socket)
    assert len(read(shown[0]).websocket.messages) <= 1024


async def test_a_tap_that_breaks_closes_the_flow():
    """As every step of the chain: what cannot be looked at does not pass."""

    def broken(_):
        raise RuntimeError

    chain, made = Chain([FlowTap(broken)]), flow()
    await chain.requestheaders(made)
    await chain.response(made)
    assert made.error
