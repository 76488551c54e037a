"""Who is hung up on when the process is about to end: the bridge's calls, and no browser's."""

import pytest
from mitmproxy.test import tflow

from addons import flow_context
from addons.farewell import Farewell
from addons.flow_context import Door
from tests.addons.test_settle import answered


@pytest.fixture
def heard():
    return []


@pytest.fixture
def farewell(heard):
    return Farewell(heard.append)


def begun(farewell, door=Door.BRIDGE, is_socket=False):
    flow = answered()
    flow_context.of(flow).door = door
    farewell.requestheaders(flow)
    if is_socket:
        flow.websocket = tflow.twebsocketflow().websocket
    return flow


def test_calls_of_the_bridge_are_hung_up_on_once(farewell, heard):
    calls = [begun(farewell), begun(farewell, is_socket=True)]
    begun(farewell, Door.BROWSER)
    assert farewell.open_calls == 2
    farewell.say()
    farewell.say()
    assert {flow.id for flow in heard} == {flow.id for flow in calls}


def test_what_has_ended_is_left_alone(farewell, heard):
    ends = (farewell.response, farewell.error)
    for end in ends:
        end(begun(farewell))
    farewell.websocket_end(begun(farewell, is_socket=True))
    farewell.say()
    assert heard == []


def test_a_socket_has_only_begun_with_its_handshake(farewell, heard):
    flow = begun(farewell, is_socket=True)
    farewell.response(flow)
    farewell.say()
    assert heard == [flow]
