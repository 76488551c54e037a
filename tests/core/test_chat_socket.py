"""On the chat socket of a shared account a frame passes when what it names is the caller's."""

from pathlib import Path

import pytest

from addons.config_file import read_config
from core.chat_socket import ChatSocket, SocketRule, event_type, not_found
from core.claims import claim_tree
from core.ids import IdNames

SHIPPED = read_config(Path(__file__).parents[2] / "mitm_config.yaml")
NAMES = IdNames(
    {
        "sessionid": "conversation",
        "conversationid": "conversation",
        "parentresponseid": "response",
        "fileattachmentids": "file",
        "fileid": "file",
    },
    texts=frozenset({"text"}),
)
RULE = SocketRule(
    events=frozenset({"session.create", "conversation.item.create", "response.create", "ping"}),
    claims=claim_tree(
        {
            "conversation": ["session_id", "event.conversation.id"],
            "response": ["event.response.id", "event.item.id"],
        }
    ),
    unnamed=frozenset({"pong", "error", "session.ended"}),
)
NOTHING: frozenset[tuple[str, str]] = frozenset()


def frame(kind, session_id="", **event):
    outer = {"session_id": session_id} if session_id else {}
    return {**outer, "event": {"type": kind, **event}}


def create(event_id="e1", **extras):
    return frame("session.create", event_id=event_id, session={"x_grok": extras})


def created(session="c1", asked="e1"):
    return frame("session.created", session, client_event_id=asked)


def attached(session="c1", mode="new"):
    return frame("conversation.attached", session, conversation={"id": session}, mode=mode)


@pytest.fixture
def socket():
    return ChatSocket(NAMES, RULE)


@pytest.fixture
def begun(socket):
    """A socket whose page has asked for a new conversation."""
    socket.asked([create()])
    return socket


def told(socket, *frames, mine=NOTHING):
    return list(socket.told(frames, frozenset(mine)).frames)


def test_a_new_conversation_becomes_his_who_asked_for_it(begun):
    answer = begun.told([created(), attached()], NOTHING)
    assert answer.frames == (created(), attached())
    assert ("conversation", "c1") in answer.claims
    assert told(begun, frame("response.chunk", "c1")) == [frame("response.chunk", "c1")]


def test_it_is_his_with_the_first_word_of_it():
    """A crash may come before the second one."""
    socket = ChatSocket(SHIPPED.ids, SHIPPED.socket)
    socket.asked([create()])
    assert socket.told([created()], NOTHING).claims == {("conversation", "c1")}


def test_what_comes_before_it_is_named_waits_for_it(begun):
    assert told(begun, attached()) == []
    assert told(begun, created()) == [attached(), created()]


def test_a_conversation_that_nobody_here_asked_for_is_not_shown(socket):
    assert told(socket, created(), attached(), frame("response.chunk", "c1")) == []


def test_the_answer_to_somebody_elses_question_is_not_taken(begun):
    assert told(begun, created("other", asked="e-of-another"), attached("other")) == []
    assert told(begun, created("c1"), frame("conversation.title.updated", "other")) == [
        created("c1")
    ]


def test_one_question_makes_one_conversation(begun):
    assert told(begun, created("c1")) == [created("c1")]
    assert told(begun, created("c2")) == []


def test_another_tab_of_the_same_user_may_be_heard(socket):
    update = frame("conversation.title.updated", "his")
    assert socket.unsure([update]) == {("conversation", "his")}
    assert told(socket, update, mine={("conversation", "his")}) == [update]
    assert socket.unsure([update]) == set()


def test_a_conversation_in_the_body_counts_too(socket):
    assert told(socket, frame("x.updated", conversation={"id": "theirs"})) == []
    assert told(socket, frame("x.updated", conversationId="theirs")) == []
    both = frame("x.updated", "his", conversationId="theirs")
    assert told(socket, both, mine={("conversation", "his")}) == []


def test_a_frame_that_names_no_conversation_passes_only_if_it_can_tell_nothing(socket):
    loose = [frame("conversation.title.updated", title="Theirs"), frame("later.invented"), {}]
    assert told(socket, *loose) == []


def test_frames_without_any_conversation_pass(socket):
    frames = [frame("pong"), frame("error", error={"code": "anti_bot"}), frame("session.ended")]
    assert told(socket, *frames) == frames


def test_a_frame_that_names_no_conversation_makes_nobody_an_owner(begun):
    told(begun, created())
    done = frame("response.done", response={"id": "whose"})
    assert begun.told([done], NOTHING).claims == frozenset()
    named = begun.told([{**done, "session_id": "c1"}], NOTHING)
    assert named.claims == {("response", "whose"), ("conversation", "c1")}


def test_a_resumed_conversation_is_his_once_it_was_checked(socket):
    resume = {"session_id": "c9", **create(conversation_id="c9")}
    asked = socket.read([resume])
    assert asked.ids.named == {("conversation", "c9")}
    socket.asked(asked.frames)
    assert told(socket, attached("c9", "existing")) == [attached("c9", "existing")]


def test_every_place_of_an_id_is_read(socket):
    item = {
        "file_attachment_ids": ["f1"],
        "x_grok": {"input_chunks": [{"mention": {"target": {"file_mention": {"file_id": "f2"}}}}]},
    }
    asked = socket.read(
        [frame("conversation.item.create", "c1", item=item, parent_response_id="r1")]
    )
    assert asked.ids.named == {
        ("conversation", "c1"),
        ("response", "r1"),
        ("file", "f1"),
        ("file", "f2"),
    }


def test_events_that_nobody_has_allowed_are_left_out_and_named(socket):
    asked = socket.read([frame("ping"), frame("custom_method.call", method="list"), {"odd": 1}])
    assert asked.frames == (frame("ping"),)
    assert asked.unknown == ("custom_method.call", "")


def test_only_so_much_waits(begun):
    for number in range(100):
        told(begun, frame("x", f"c{number}"))
    for _ in range(100):
        told(begun, frame("x", "c1"))
    assert len(told(begun, created("c1"))) <= 34


def test_frames_of_any_shape_are_survived(begun):
    for odd in ({}, {"event": 1}, {"event": {"type": 2}}, {"session_id": 7, "event": {}}):
        told(begun, odd)
        begun.read([odd])
    assert event_type({"event": {"type": 2}}) == ""


def test_what_is_not_there_is_told_as_grok_tells_it():
    assert not_found(frame("session.create", "c1")) == {
        "session_id": "c1",
        "event": {
            "type": "error",
            "error": {"code": "not_found", "message": "Conversation not found"},
        },
    }
    assert "session_id" not in not_found(create())
