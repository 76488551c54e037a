"""Every way Grok answers, over both transports, through the real proxy."""

import time

import pytest

from api_bridge.events import Citation, Failed, Image, SearchResult, Silence, Text, Unknown
from api_bridge.markup import without_markup
from api_bridge.ports import Caller
from api_bridge.watch import Patience
from tests.loop.bridge import (
    TRANSPORTS,
    ask,
    end_of,
    ids_of,
    port_to,
    read_in_thread,
    text_of,
    thoughts_of,
    until,
)


@pytest.fixture(params=TRANSPORTS)
def transport(request):
    return request.param


@pytest.fixture
def own(standin):
    """A caller with a token of his own: what goes wrong with it is held against no account."""
    standin.control.switch(signed="off")
    return Caller("sso", sso_token=standin.accounts["spare"].sso)


@pytest.fixture
def turn(mirror, own, transport):
    port = port_to(mirror, transport)
    return lambda prompt, **more: list(without_markup(ask(port, prompt, own, **more)))


ANSWERS = {
    "plain": "Hello 👋",
    "think": "It is 42.",
    "late-think": "It is 42.",
    "search": "High water is at 14:10.",
    "image": "Here is your picture:",
    "unknown": "Known text.",
    "big": "That was a megabyte.",
    "multibyte": "Grüße, 你好, 👩\u200d🚀 e\u0301 \u2028🇫🇮",
}


@pytest.mark.parametrize("scenario", ANSWERS)
def test_an_answer_comes_whole(turn, scenario):
    events = turn(f"/{scenario}")
    assert text_of(events) == ANSWERS[scenario]
    assert end_of(events) == "finished"
    assert all(ids_of(events))


def test_what_is_beside_the_answer_comes_too(turn):
    assert "6 times 7" in thoughts_of(turn("/think"))
    found = turn("/search")
    assert {type(event) for event in found} >= {SearchResult, Citation}
    assert any(event.is_final for event in turn("/image") if isinstance(event, Image))
    assert "```python" in text_of(turn("/code"))
    assert any(isinstance(event, Unknown) for event in turn("/unknown"))
    assert text_of(turn("/surrogates")).startswith("half ")
    assert "and 1 < 2." in text_of(turn("/tags"))


FAILURES = {
    "cut": ("cut", "cut"),
    "empty": ("capacity", "capacity"),
    "limit": ("exhausted", "exhausted"),
    "429": ("exhausted", "rate_limited"),
    "antibot": ("anti_bot", "anti_bot"),
    "cf": ("cut", "challenged"),
    "expired": ("signed_out", "signed_out"),
    "blocked": ("blocked", "blocked"),
    "noaccess": ("no_access", "no_access"),
    "5xx": ("internal", "internal"),
}


@pytest.mark.parametrize("scenario", FAILURES)
def test_a_failure_is_named(turn, transport, scenario):
    expected = FAILURES[scenario][TRANSPORTS.index(transport)]
    assert end_of(turn(f"/{scenario}")) == expected


HANDSHAKES = {
    "429": "rate_limited", "antibot": "anti_bot", "cf": "challenged", "expired": "signed_out",
    "blocked": "blocked", "noaccess": "no_access", "5xx": "internal",
}  # fmt: skip


@pytest.mark.parametrize("refusal", HANDSHAKES)
def test_a_refused_handshake_is_named(mirror, standin, own, refusal):
    standin.control.switch(websocket_refusal=refusal)
    events = list(ask(port_to(mirror, "mgw"), "/plain", own))
    assert end_of(events) == HANDSHAKES[refusal]


def test_words_arrive_as_grok_says_them(mirror, standin, own, transport):
    standin.control.switch(token_delay_ms=150)
    turn = ask(port_to(mirror, transport), "/stall", own)
    first = next(event for event in turn if isinstance(event, Text))
    assert first.text
    assert standin.control.open_streams(), "the first words came before the end"
    turn.close()


def test_messages_in_pieces_are_put_together(mirror, standin, own, transport):
    standin.control.switch(fragment=True, stream_piece_bytes=3, pack_every=1)
    assert text_of(ask(port_to(mirror, transport), "/multibyte", own)) == ANSWERS["multibyte"]


def test_silence_is_told_and_ends_a_turn_at_its_limit(mirror, own, transport):
    patience = Patience(idle=0.6, first_word=0.6, tell=0.1, ping=0.15)
    events = list(ask(port_to(mirror, transport, patience=patience), "/stall", own))
    assert text_of(events) == "This answer never "
    assert end_of(events) == "stalled", "pings that are answered are no sign of an answer"
    assert sum(isinstance(event, Silence) for event in events) >= 3


def test_an_answer_that_does_not_even_begin_ends_at_its_limit(mirror, own, transport):
    patience = Patience(idle=0.6, first_word=0.6, tell=0.1)
    events = list(ask(port_to(mirror, transport, patience=patience), "/slowheader", own))
    assert end_of(events) == "stalled"


def test_what_others_do_on_the_account_keeps_no_silent_turn_alive(mirror, own, transport):
    patience = Patience(idle=0.8, first_word=0.8, tell=0.1, ping=5)
    turn = ask(port_to(mirror, transport, patience=patience), "/stall", own)
    events, reader = read_in_thread(turn)
    until(lambda: text_of(events) == "This answer never ")
    latest = time.monotonic() + 5
    while reader.is_alive():
        assert time.monotonic() < latest, "the silent turn does not end"
        list(ask(port_to(mirror, transport), "/plain", own))
    assert end_of(events) == "stalled"


def test_long_thoughts_outlast_the_limit_of_the_first_word(mirror, standin, own, transport):
    standin.control.switch(gap_s=0.5)
    patience = Patience(idle=5, first_word=0.3, tell=0.1, ping=0.2)
    events = list(ask(port_to(mirror, transport, patience=patience), "/long", own))
    assert text_of(events) == "Done after a long silence."


@pytest.mark.parametrize("refusal", ["5xx", "antibot"])
def test_a_socket_that_is_refused_oddly_is_not_the_end(mirror, standin, own, refusal):
    standin.control.switch(websocket_refusal=refusal)
    port = port_to(mirror, "auto")
    assert text_of(ask(port, "/plain", own)) == "Hello 👋"


def test_a_way_that_works_is_remembered_for_the_account(mirror, standin):
    standin.control.switch(websocket_refusal="5xx", signed="off")
    port = port_to(mirror, "auto")
    assert text_of(ask(port, "/plain")) == "Hello 👋"
    (account,) = {seen.account for seen in standin.control.requests(path="/ws/mgw/")}
    standin.control.forget_requests()
    for _ in range(4):
        assert text_of(ask(port, "/plain")) == "Hello 👋"
    assert account not in [r.account for r in standin.control.requests(path="/ws/mgw/")]


def test_when_neither_way_works_the_sockets_reason_is_told(mirror, standin, own):
    standin.control.switch(websocket_refusal="5xx", signed="present")
    (event,) = list(ask(port_to(mirror, "auto"), "/plain", own))
    assert isinstance(event, Failed)
    assert event.kind == "internal"


def test_chats_are_temporary_unless_told_otherwise(mirror, standin, own, transport):
    list(ask(port_to(mirror, transport), "/plain", own))
    list(ask(port_to(mirror, transport), "/plain", own, hatd=False))
    kept = [c["temporary"] for c in standin.control.conversations("spare")]
    assert sorted(kept) == [False, True]
