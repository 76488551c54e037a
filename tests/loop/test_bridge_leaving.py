"""A caller who hangs up frees Grok within a second: in silence, before the first token, at once."""

import time

import pytest

from api_bridge.ports import Caller
from tests.loop.bridge import (
    TRANSPORTS,
    ask,
    port_to,
    read_in_thread,
    seconds_to_quiet,
    text_of,
    until,
)

pytestmark = pytest.mark.parametrize("transport", TRANSPORTS)


@pytest.fixture
def own(standin):
    standin.control.switch(signed="off")
    return Caller("sso", sso_token=standin.accounts["spare"].sso)


def hang_up(turn, thread):
    start = time.monotonic()
    turn.close()
    thread.join(2)
    assert not thread.is_alive()
    assert time.monotonic() - start < 0.5


def test_in_the_middle_of_a_silence(mirror, standin, own, transport):
    turn = ask(port_to(mirror, transport), "/stall", own)
    events, thread = read_in_thread(turn)
    until(lambda: text_of(events) == "This answer never ")
    assert standin.control.open_streams()
    hang_up(turn, thread)
    assert seconds_to_quiet(standin) < 1


def test_before_the_first_token(mirror, standin, own, transport):
    standin.control.switch(gap_s=30)
    turn = ask(port_to(mirror, transport), "/slowheader", own)
    events, thread = read_in_thread(turn)
    until(
        lambda: standin.control.requests(path="/rest/app-chat/") or standin.control.open_streams()
    )
    hang_up(turn, thread)
    assert events == []
    assert seconds_to_quiet(standin) < 1


def test_while_grok_has_not_answered_at_all(mirror, standin, own, transport):
    standin.control.switch(latency_ms=3000)
    turn = ask(port_to(mirror, transport), "/plain", own)
    events, thread = read_in_thread(turn)
    time.sleep(0.2)
    hang_up(turn, thread)
    assert events == []
    standin.control.switch(latency_ms=0)
    assert seconds_to_quiet(standin) < 1


def test_by_the_reader_himself_between_two_events(mirror, standin, own, transport):
    turn = ask(port_to(mirror, transport), "/stall", own)
    next(turn)
    turn.close()
    assert list(turn) == []
    assert seconds_to_quiet(standin) < 1


def test_a_turn_that_nobody_reads_asks_nobody(mirror, standin, own, transport):
    turn = ask(port_to(mirror, transport), "/plain", own)
    turn.close()
    assert list(turn) == []
    assert standin.control.requests() == []
