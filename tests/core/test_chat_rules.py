"""What every chat asks for, whatever the page asks for."""

import json

import pytest

from core.chat_rules import (
    ChatRules,
    concerns,
    instructions_in,
    ruled_body,
    ruled_frame,
)
from core.ids import UnreadableError

NEW = "/rest/app-chat/conversations/new"
NEXT = "/rest/app-chat/conversations/c1/responses"
SHARED = ChatRules(shared=True, instructions="be brief")


def body(value, path=NEW, rules=SHARED):
    return json.loads(ruled_body(json.dumps(value).encode(), path, rules))


@pytest.mark.parametrize(
    ("method", "path", "is_chat"),
    [
        ("POST", NEW, True),
        ("POST", NEXT, True),
        ("POST", "/rest/app-chat/conversations/", True),
        ("GET", "/rest/app-chat/conversations", False),
        ("POST", "/rest/app-chat/conversations/c1/title", False),
    ],
)
def test_which_requests_it_concerns(method, path, is_chat):
    assert concerns(method, path) is is_chat


def test_a_new_conversation_is_temporary_where_that_is_the_rule():
    temporary = ChatRules(temporary=True)
    assert body({"message": "é", "temporary": False}, rules=temporary) == {
        "message": "é",
        "temporary": True,
    }
    assert json.loads(ruled_body(b"", "/rest/app-chat/conversations", temporary)) == {
        "temporary": True
    }
    assert "temporary" not in body({"message": "x"}, NEXT, temporary)


def test_a_shared_chat_neither_reads_nor_feeds_what_is_the_accounts():
    sent = {
        "message": "x",
        "disable_memory": False,
        "DisablePersonalization": False,
        "connectorIds": ["gmail"],
        "search_all_connectors": True,
        "toolOverrides": {"gmailSearch": True, "webSearch": True},
    }
    assert body(sent, NEXT) == {
        "message": "x",
        "disableMemory": True,
        "disablePersonalization": True,
        "searchAllConnectors": False,
        "connectorIds": [],
        "connectors": [],
        "collectionIds": [],
        "toolOverrides": {
            "webSearch": True,
            **dict.fromkeys(("gmailSearch", "googleCalendarSearch", "googleDriveSearch"), False),
            **dict.fromkeys(("outlookSearch", "outlookCalendarSearch"), False),
        },
        "customInstructions": "be brief",
    }


def test_a_chats_own_instructions_win():
    assert body({"customInstructions": "mine"})["customInstructions"] == "mine"
    assert body({"custom_instructions": ""})["customInstructions"] == "be brief"


@pytest.mark.parametrize("text", [b"[]", b"null", b'"x"', b"{", b'{"a":1,"a":2}'])
def test_a_chat_that_cannot_be_read_goes_nowhere(text):
    with pytest.raises(UnreadableError):
        ruled_body(text, NEW, SHARED)


def test_a_session_on_the_socket_is_ruled_alike():
    create = {
        "event": {
            "type": "session.create",
            "session": {"model": "fast", "x_grok": {"disable_memory": False, "use_chunk": True}},
        }
    }
    rules = ChatRules(temporary=True, shared=True, instructions="be brief")
    assert ruled_frame(create, rules)["event"]["session"] == {
        "model": "fast",
        "x_grok": {
            "use_chunk": True,
            "is_temporary": True,
            "disable_memory": True,
            "disable_personalization": True,
            "connector_ids": [],
            "custom_instructions": "be brief",
        },
    }
    other = {"event": {"type": "ping"}}
    assert ruled_frame(other, rules) is other
    for odd in ({}, {"event": 3}, {"event": {"type": "session.create", "session": 3}}):
        ruled_frame(odd, rules)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"customInstructions": "x"}, "x"),
        ({"agentCustomizations": {"custom_instructions": "y"}}, "y"),
        ({"preferences": {"instructions": 3}}, ""),
        ({}, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_where_a_users_instructions_stand(settings, found):
    assert instructions_in(settings) == found
