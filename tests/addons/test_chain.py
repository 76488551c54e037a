"""Fail closed: whatever step raises, in whatever hook, nothing unfiltered gets through."""

import pytest
from mitmproxy.test import tflow
from mitmproxy.websocket import WebSocketMessage
from wsproto.frame_protocol import Opcode

from addons import flow_context
from addons.chain import Chain
from addons.flow_context import Destination, Door, FlowContext
from addons.seal import Seal
from addons.socket_relay import SocketBundle
from core.client_address import Client
from core.origins import MirrorOrigin, Origins, UpstreamHost

MIRROR = MirrorOrigin("http", "127.0.0.1:8080")


def flow_with_context(**kwargs):
    flow = tflow.tflow(**kwargs)
    context = FlowContext(
        request_id="r-1",
        door=Door.BROWSER,
        started=0.0,
        client=Client("127.0.0.1", "http", "127.0.0.1:8080", trusted=False),
        mirror=MIRROR,
        origins=Origins(MIRROR, (UpstreamHost("grok.com", cookies=True),)),
        path="/",
        destination=Destination.UPSTREAM,
    )
    flow_context.attach(flow, context)
    return flow


class Raises:
    def __init__(self, hook):
        setattr(self, hook, self._raise)

    def _raise(self, *_):
        raise RuntimeError("sso=very-secret-value")


class Notes:
    """Every hook, noted."""

    def __init__(self):
        self.seen = []

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_: self.seen.append(name)


@pytest.mark.parametrize("hook", ["requestheaders", "request"])
async def test_a_request_step_that_raises_answers_502_and_stops_the_rest(hook, caplog):
    later = Notes()
    flow = flow_with_context()
    await getattr(Chain([Raises(hook), later]), hook)(flow)
    assert flow.response.status_code == 502
    assert b"internal" in flow.response.content
    assert later.seen == []
    assert "very-secret-value" not in caplog.text
    assert "RuntimeError" in caplog.text


async def test_an_upload_that_was_to_stream_is_answered_instead():
    class Streams:
        def requestheaders(self, flow):
            flow.request.stream = True

    flow = flow_with_context()
    await Chain([Streams(), Raises("requestheaders")]).requestheaders(flow)
    assert flow.request.stream is False
    assert flow.response


async def test_an_answer_step_that_raises_swallows_the_upstreams_body():
    flow = flow_with_context(resp=True)
    await Chain([Raises("responseheaders")]).responseheaders(flow)
    assert flow.response.status_code == 502
    assert flow.response.stream(b"the upstream's secret") == []
    assert b"internal" in b"".join(flow.response.stream(b""))
    assert "content-length" not in flow.response.headers


async def test_a_late_step_that_raises_kills_the_flow():
    flow = flow_with_context(resp=True)
    await Chain([Raises("response")]).response(flow)
    assert flow.error


async def test_a_frame_that_cannot_be_handled_is_dropped():
    flow = tflow.twebsocketflow()
    await Chain([Raises("websocket_message")]).websocket_message(flow)
    assert len(flow.websocket.messages) == 1
    assert flow.websocket.messages[-1].dropped


async def test_of_frames_that_come_together_only_those_that_cannot_be_handled_are_dropped():
    class Judge:
        def websocket_message(self, flow):
            if flow.websocket.messages[-1].content == b"bad":
                raise RuntimeError("sso=very-secret-value")

    flow = tflow.twebsocketflow()
    texts = tuple(WebSocketMessage(Opcode.TEXT, False, said) for said in (b"a", b"bad", b"b"))
    bundle = SocketBundle(flow, texts)
    await Chain([Judge()]).websocket_bundle(bundle)
    assert bundle.passing == [texts[0], texts[2]]
    assert flow.websocket.messages == [texts[-1]]


async def test_old_frames_are_freed():
    flow = tflow.twebsocketflow()
    assert len(flow.websocket.messages) > 1
    await Chain([]).websocket_message(flow)
    assert len(flow.websocket.messages) == 1


async def test_steps_that_only_take_note_do_not_rob_each_other():
    later = Notes()
    await Chain([Raises("error"), later]).error(flow_with_context())
    assert later.seen == ["error"]


async def test_a_step_that_cannot_start_stops_the_process():
    with pytest.raises(RuntimeError):
        await Chain([Raises("running")]).start()


async def test_a_local_answer_ends_the_request_side():
    class Answers:
        def requestheaders(self, flow):
            flow.response = tflow.tresp()

    later, flow = Notes(), flow_with_context()
    chain = Chain([Answers(), later])
    await chain.requestheaders(flow)
    await chain.request(flow)
    await chain.responseheaders(flow)
    assert later.seen == []


class TestSeal:
    def seal(self):
        return Seal(lambda address: address == ("127.0.0.1", 4000))

    async def test_an_approved_flow_passes(self):
        flow = flow_with_context()
        await Chain([]).requestheaders(flow)
        self.seal().requestheaders(flow)
        assert flow.response is None

    def test_a_flow_the_chain_never_saw_is_stopped(self):
        flow = tflow.tflow()
        self.seal().requestheaders(flow)
        assert flow.response.status_code == 502

    def test_a_flow_without_approval_is_stopped(self):
        flow = flow_with_context()
        flow.request.stream = True
        self.seal().request(flow)
        assert flow.response.status_code == 502
        assert flow.request.stream is False

    async def test_a_flow_without_destination_is_stopped(self):
        flow = flow_with_context()
        flow_context.of(flow).destination = Destination.NOWHERE
        await Chain([]).requestheaders(flow)
        self.seal().request(flow)
        assert flow.response.status_code == 502

    def test_an_answer_without_approval_is_stopped(self):
        flow = flow_with_context(resp=True)
        self.seal().responseheaders(flow)
        assert flow.error

    @pytest.mark.parametrize("address", [("127.0.0.1", 9), ("grok.com", 443), None])
    def test_no_connection_leaves_the_house(self, address):
        class Data:
            server = tflow.tserver_conn()

        Data.server.address = address
        self.seal().server_connect(Data)
        assert Data.server.error


async def test_steps_stop_in_reverse_so_that_the_store_can_still_write():
    order = []

    class Step:
        def __init__(self, name):
            self.name = name

        def done(self):
            order.append(self.name)

    await Chain([Step("store"), Step("jars")]).done()
    assert order == ["jars", "store"]
