"""Which account a question goes to: another when one fails, its own when it goes on with a talk."""

import time
from dataclasses import replace

import pytest

import db
from api_bridge.events import Failed, Text
from api_bridge.ports import Caller
from api_bridge.watch import Patience
from core.choice_note import Way, read_note
from core.mode_state import ModeState
from core.quota import Quota, Source
from standin.server import Standin
from tests.loop.bridge import ENV, TRANSPORTS, ask, end_of, ids_of, port_to, text_of, until
from tests.running_mirror import add_account, add_keys, running_mirror

KEY_1, KEY_2 = Caller("key", "1"), Caller("key", "2")
NAMES = ("super", "heavy", "spare")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Its own stand-in: accounts come to harm here."""
    with Standin.start() as standin:
        environ = {"GROK_CONNECT_TO": standin.connect_to, "GROK_CA_FILE": str(standin.ca_file)}
        yield standin, environ, tmp_path_factory


@pytest.fixture
def standin(world):
    world[0].control.reset()
    world[0].control.switch(token_delay_ms=2, signed="off")
    return world[0]


@pytest.fixture
def mirror(world, standin, tmp_path):
    """New for each test, as the proxy remembers which account has failed."""
    with running_mirror(tmp_path, world[1]) as running:
        for name in NAMES:
            account = standin.accounts[name]
            running.account_ids[name] = add_account(account.sso, name, account.user_id)
        add_keys(2)
        running.wait_for_accounts(len(NAMES))
        standin.control.forget_requests()
        yield running


def asked_accounts(standin):
    """In the order in which they were asked to chat."""
    seen = standin.control.requests(path="/ws/mgw/")
    seen += standin.control.requests(path="/rest/app-chat/conversations")
    return [request.account for request in seen]


@pytest.mark.parametrize(
    ("refusal", "transport"),
    [("429", "mgw"), ("expired", "http"), ("blocked", "mgw"), ("cf", "http"), ("antibot", "mgw")],
)
def test_the_second_account_answers_when_the_first_fails(mirror, standin, refusal, transport):
    first, *_ = NAMES
    standin.control.refuse(first, refusal)
    port = port_to(mirror, transport)
    for _ in range(4):
        assert text_of(ask(port, "/plain")) == "Hello 👋"
    assert set(asked_accounts(standin)) >= {"heavy"}


def test_an_account_that_does_not_begin_to_answer_is_left_for_another(mirror, standin):
    patience = Patience(first_word=1.5, idle=1.5, failover=2.5)
    port = port_to(mirror, "http", patience=patience)
    events = list(ask(port, "/slowheader", KEY_1, content="our talk"))
    assert end_of(events) == "stalled"
    asked = asked_accounts(standin)
    assert len(asked) == len(set(asked)) == 2, "nothing has said which one the first was"


@pytest.fixture
def told(mirror, standin):
    """The account asked for a question of this mode; of this conversation, if it has one."""
    port = port_to(mirror, "mgw")

    def ask_one(model, beginning, caller=KEY_1):
        standin.control.forget_requests()
        assert text_of(ask(port, "/plain", caller, model=model, content=beginning)) == "Hello 👋"
        (account,) = asked_accounts(standin)
        return account

    return ask_one


def test_a_mode_with_nothing_left_on_one_account_is_asked_of_another(mirror, told):
    now = time.time()
    none = Quota(remaining=0, total=9, reset_at=now + 600, source=Source.MEASURED, learned_at=now)
    used_up = ModeState(account_id=0, mode="expert", quota=none, changed_at=now + 9)
    ids = [mirror.account_ids[name] for name in ("super", "heavy")]
    db.save_mode_states([replace(used_up, account_id=account_id) for account_id in ids])

    def asked(model):
        return {told(model, f"{model} {number}") for number in range(6)}

    until(lambda: asked("grok-expert") == {"spare"}, 10)  # it looks every two seconds
    assert asked("grok-fast") == set(NAMES)


def test_a_quota_that_a_refusal_told_of_is_not_tried_again(mirror, standin, told):
    standin.control.set_quota("super", "expert", 0)
    standin.control.set_quota("heavy", "expert", 0)
    port = port_to(mirror, "mgw")
    for number in range(3):
        assert text_of(ask(port, "/plain", model="grok-expert", content=f"{number}")) == "Hello 👋"
    assert {told("grok-expert", f"question {number}") for number in range(6)} == {"spare"}


def test_a_conversation_is_lent_the_same_account_while_it_lives(mirror, standin, told):
    home = told("grok-fast", "our talk")
    others = {told("grok-fast", f"talk {number}") for number in range(6)}
    assert others == set(NAMES), "other conversations are spread"
    assert {told("grok-fast", "our talk") for _ in range(5)} == {home}
    standin.control.refuse(home, "blocked")
    port = port_to(mirror, "mgw")
    events = list(ask(port, "/plain", KEY_1, model="grok-fast", content="our talk"))
    assert text_of(events) == "Hello 👋"
    moved = told("grok-fast", "our talk")
    assert moved != home
    assert {told("grok-fast", "our talk") for _ in range(5)} == {moved}


def test_a_dead_session_is_noticed_before_the_socket(mirror, standin):
    standin.control.revoke("super")
    port = port_to(mirror, "mgw")
    for _ in range(3):
        assert text_of(ask(port, "/plain")) == "Hello 👋"
    assert "super" not in asked_accounts(standin)


def test_a_way_to_grok_is_used_again_and_by_one_account_only(mirror, standin):
    port = port_to(mirror, "http")
    for number in range(12):
        assert text_of(ask(port, "/plain", content=f"talk {number}")) == "Hello 👋"
    seen = standin.control.requests(path="/rest/app-chat/conversations")
    ways = {(request.account, request.peer) for request in seen}
    assert {account for account, _ in ways} == set(NAMES)
    assert len(ways) == len({peer for _, peer in ways}) < len(seen)


def test_three_accounts_are_asked_and_the_last_ones_word_is_passed_on(mirror, standin):
    events = list(ask(port_to(mirror, "mgw"), "/5xx"))
    assert end_of(events) == "internal"
    assert sorted(asked_accounts(standin)) == sorted(NAMES)


def test_that_no_account_is_left_says_less_than_why_the_others_failed(mirror, standin):
    for name in NAMES:
        standin.control.revoke(name)
    assert end_of(list(ask(port_to(mirror, "mgw"), "/plain"))) == "signed_out"


def test_a_refusal_of_the_request_itself_is_not_tried_elsewhere(mirror, standin):
    events = list(ask(port_to(mirror, "http"), "x" * 10, model="grok-4-fast", content="x"))
    assert end_of(events) == "finished"
    standin.control.forget_requests()
    unknown = list(ask(port_to(mirror, "mgw"), "/plain", conversation_id="c-1"))
    assert end_of(unknown) == "not_found"
    assert standin.control.requests() == [], "what nobody owns is not asked for"


def test_words_that_were_heard_are_not_taken_back(mirror, standin):
    events = list(ask(port_to(mirror, "mgw"), "/cut"))
    assert end_of(events) == "cut"
    assert any(isinstance(event, Text) for event in events)
    assert len(asked_accounts(standin)) == 1


def test_only_the_account_that_answers_tells_its_ids(mirror, standin):
    standin.control.refuse("super", "429")
    standin.control.switch(scenario="")
    events = list(ask(port_to(mirror, "mgw"), "/plain", conversation_id=""))
    ids = {event.conversation_id for event in events if hasattr(event, "conversation_id")}
    assert len(ids) == 1


def test_each_try_keeps_why_it_went_to_its_account(mirror, standin):
    first, *_ = NAMES
    standin.control.refuse(first, "429")
    port = port_to(mirror, "http")
    for _ in NAMES:
        ask_all = list(ask(port, "/plain", KEY_1))
        assert end_of(ask_all) == "finished"
    tried = recorded(mirror, "key:1", 4)
    notes = [read_note(row.why) for row in tried]
    assert {note.way for note in notes} == {Way.POOL}
    assert {note.strategy for note in notes} == {"most-quota"}
    assert {note.avoided for note in notes} == {(), (mirror.account_ids[first],)}
    assert all(row.account_id in read_note(row.why).candidates for row in tried)


def recorded(mirror, caller, number):
    """The chats of this caller, once there are so many: records are written together."""
    deadline = time.monotonic() + 6
    while time.monotonic() < deadline:
        found = [row for row in db.load_records(200) if row.caller == caller and row.mode]
        if len(found) >= number:
            return found
        time.sleep(0.05)
    raise AssertionError(found)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_conversation_goes_on_where_it_began(mirror, standin, transport):
    port = port_to(mirror, transport)
    for _ in range(3):
        began = list(ask(port, "hello", KEY_1, conversation_id=""))
        conversation, response = ids_of(began)
        account = asked_accounts(standin)[-1]
        more = {"conversation_id": conversation, "parent_message_id": response}
        again = list(ask(port, "and again", KEY_1, **more))
        assert "Earlier messages in this conversation: 2" in text_of(again)
        assert ids_of(again)[0] == conversation
        assert asked_accounts(standin)[-1] == account
    (kept,) = {c["temporary"] for c in standin.control.conversations(account)}
    assert not kept, "what is to be gone on with must not vanish"


def test_nobody_goes_on_with_what_is_not_his(mirror, standin):
    port = port_to(mirror, "mgw")
    conversation, response = ids_of(list(ask(port, "hello", KEY_1, conversation_id="")))
    other, _ = ids_of(list(ask(port, "hello", KEY_2, conversation_id="")))
    standin.control.forget_requests()
    for caller in (KEY_2, ENV, Caller("user", "1")):
        assert end_of(list(ask(port, "x", caller, conversation_id=conversation))) == "not_found"
    foreign = {"conversation_id": other, "parent_message_id": response}
    assert end_of(list(ask(port, "x", KEY_2, **foreign))) == "not_found"
    assert end_of(list(ask(port, "x", KEY_1, parent_message_id=response))) == "not_found"
    assert standin.control.requests() == []


def test_a_conversation_does_not_move_when_its_account_fails(mirror, standin):
    port = port_to(mirror, "mgw")
    conversation, _ = ids_of(list(ask(port, "hello", KEY_1, conversation_id="")))
    account = asked_accounts(standin)[-1]
    standin.control.refuse(account, "429")
    standin.control.forget_requests()
    events = list(ask(port, "more", KEY_1, conversation_id=conversation))
    assert isinstance(events[-1], Failed)
    assert set(asked_accounts(standin)) == {account}


def test_the_owner_of_a_token_goes_on_by_himself(mirror, standin):
    own = Caller("sso", sso_token=standin.accounts["free"].sso)
    port = port_to(mirror, "mgw")
    conversation, response = ids_of(list(ask(port, "hello", own, conversation_id="")))
    more = {"conversation_id": conversation, "parent_message_id": response}
    assert "Earlier messages" in text_of(list(ask(port, "again", own, **more)))
    assert set(asked_accounts(standin)) == {"free"}
