import json

import pytest

from core.chat_questions import (
    MOST_SESSIONS,
    UNREADABLE,
    Asked,
    SocketSessions,
    UnclearError,
    is_chat_socket,
    is_question,
    modes_of_body,
)

CHAT = "/rest/app-chat/conversations"


@pytest.mark.parametrize(
    ("method", "path", "asks"),
    [
        ("POST", f"{CHAT}/new", True),
        ("POST", f"{CHAT}/new?x=1", True),
        ("POST", f"{CHAT}/c-1/responses", True),
        ("POST", f"{CHAT}/c-1/responses/", True),
        ("POST", f"{CHAT}/c-1/RESPONSES", True),
        ("POST", f"{CHAT}/c-1/%72esponses", True),
        ("GET", f"{CHAT}/c-1/responses", False),
        ("POST", f"{CHAT}/c-1/load-responses", False),
        ("POST", CHAT, False),
        ("POST", "/rest/rate-limits", False),
    ],
)
def test_which_requests_ask(method: str, path: str, asks: bool) -> None:
    assert is_question(method, path) is asks


def test_which_sockets_ask() -> None:
    assert is_chat_socket("/ws/mgw/?uid=u")
    assert is_chat_socket("/ws/mgw")
    assert is_chat_socket("/WS/%6dgw/")
    assert not is_chat_socket("/ws/imagine/listen")


@pytest.mark.parametrize(
    ("body", "modes"),
    [
        (b'{"modeId":"fast","message":"m"}', {"fast"}),
        (b'{"modelName":"grok-4-heavy"}', {"heavy"}),
        (b'{"modeId":"fast","modelName":"grok-4-heavy"}', {"fast", "heavy"}),
        (b'{"mode\\u0049d":"heavy"}', {"heavy"}),
        (b'{"MODEID":"heavy"}', {"heavy"}),
        (b'{"message":"\\"modeId\\":\\"fast\\""}', set()),
        (b'{"modeId":"fast","modeId":"heavy"}', {UNREADABLE}),
        (b'{"modeId":"fast","ModeId":"heavy"}', {UNREADABLE}),
        (b'{"modeId":["heavy"]}', {UNREADABLE}),
        (b"not json", {UNREADABLE}),
        (b"[" * 100_000, {UNREADABLE}),
        (b"[1]", set()),
        (b"", set()),
    ],
)
def test_every_mode_that_could_be_meant_is_named(body: bytes, modes: set[str]) -> None:
    assert modes_of_body(body) == modes


def frame(kind: str, session_id: str = "", **more: object) -> bytes:
    outer = {"session_id": session_id} if session_id else {}
    return json.dumps({**outer, "event": {"type": kind, **more}}).encode()


def create(mode: object, session_id: str = "", event_id: str = "e1") -> bytes:
    return frame("session.create", session_id, event_id=event_id, session={"model": mode})


def created(session_id: str, event_id: str = "e1", **more: object) -> bytes:
    return frame("session.created", session_id, client_event_id=event_id, **more)


def test_a_question_is_in_the_mode_of_its_session() -> None:
    sessions = SocketSessions()
    assert sessions.ask(create("fast")) == Asked()
    sessions.hear(created("c-1"))
    message = sessions.ask(frame("conversation.item.create", "c-1"))
    assert message == Asked(0, 1, "c-1", frozenset({"fast"}))
    asked = sessions.ask(frame("response.create", "c-1"))
    assert asked == Asked(1, 0, "c-1", frozenset({"fast"}))


def test_several_sessions_share_a_socket() -> None:
    sessions = SocketSessions()
    sessions.ask(create("fast", event_id="a") + create("heavy", event_id="b"))
    sessions.hear(created("c-2", "b") + created("c-1", "a"))
    assert sessions.ask(frame("response.create", "c-1")).modes == {"fast"}
    assert sessions.ask(frame("response.create", "c-2")).modes == {"heavy"}


def test_an_old_conversation_is_opened_in_a_mode_and_in_another_later() -> None:
    sessions = SocketSessions()
    sessions.ask(create("heavy", "c-1"))
    sessions.hear(created("c-1"))
    assert sessions.ask(frame("response.create", "c-1")).modes == {"heavy"}
    sessions.ask(create("fast", "c-1"))
    assert sessions.ask(frame("response.create", "c-1")).modes == {"fast"}


def test_a_session_that_was_not_opened_here_is_in_no_mode_that_is_known() -> None:
    sessions = SocketSessions()
    sessions.ask(create("fast", "c-1") + create("heavy", event_id="x"))
    assert sessions.ask(frame("response.create", "c-9")).modes == frozenset()
    assert sessions.ask(frame("response.create")).modes == {"fast", "heavy"}


def test_a_session_whose_request_is_not_named_has_every_mode_that_was_asked_for() -> None:
    sessions = SocketSessions()
    sessions.ask(create("fast", event_id="a") + create("heavy", event_id="b"))
    sessions.hear(created("c-1", ""))
    assert sessions.ask(frame("response.create", "c-1")).modes == {"fast", "heavy"}


def test_one_event_id_for_two_sessions_hides_neither_mode() -> None:
    sessions = SocketSessions()
    sessions.ask(create("heavy") + create("fast"))
    sessions.hear(created("c-1"))
    assert sessions.ask(frame("response.create", "c-1")).modes == {"fast", "heavy"}


def test_a_later_change_of_a_session_adds_its_mode() -> None:
    sessions = SocketSessions()
    sessions.ask(create("fast", "c-1") + frame("session.update", "c-1", session={"model": "heavy"}))
    assert sessions.ask(frame("response.create", "c-1")).modes == {"fast", "heavy"}


def test_what_grok_says_of_a_session_counts_too() -> None:
    sessions = SocketSessions()
    sessions.ask(create("fast"))
    sessions.hear(created("c-1", session={"model": "heavy"}))
    assert sessions.ask(frame("response.create", "c-1")).modes == {"fast", "heavy"}


def test_glued_frames_and_escapes_are_all_seen() -> None:
    sessions = SocketSessions()
    sneaky = b'{"event":{"type":"response\\u002ecreate"}}'
    asked = sessions.ask(b" " + sneaky + b"\n" + frame("response.create") + frame("ping"))
    assert asked.questions == 2
    assert sessions.ask(create(7)) == Asked()
    assert sessions.ask(sneaky).modes == {UNREADABLE}


@pytest.mark.parametrize(
    "message",
    [
        b'{"event":{"type":"ping","type":"response.create"}}',
        b'{"event":{"type":"ping","Type":"response.create"}}',
        b'{"event":{"type":"ping"}',
        b"\xff",
        b"{} garbage",
        b"[" * 100_000,
    ],
)
def test_what_can_be_read_in_two_ways_is_an_error(message: bytes) -> None:
    with pytest.raises(UnclearError):
        SocketSessions().ask(message)


def test_names_in_capitals_are_the_same_names() -> None:
    assert SocketSessions().ask(b'{"Event":{"TYPE":"response.create"}}').questions == 1


def test_a_socket_with_endless_sessions_is_forgotten_not_remembered() -> None:
    sessions = SocketSessions()
    for number in range(MOST_SESSIONS * 2):
        sessions.ask(create("fast", f"c-{number}"))
    assert len(sessions._modes) <= MOST_SESSIONS + 1
