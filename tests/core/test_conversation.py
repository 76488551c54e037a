"""Conversations out of Grok's answers, and out of what was kept."""

import json

import pytest

from core.conversation import (
    Head,
    Message,
    UnreadableAnswerError,
    heads_in,
    latest_branch,
    message_from,
    message_ids_in,
    messages_in,
    record_of,
)


def body(value):
    return json.dumps(value).encode()


def said(message_id, parent="", text="x"):
    return Message(id=message_id, role="user", text=text, parent=parent)


def test_heads_have_one_line_and_what_has_no_id_is_left_out():
    answer = {
        "conversations": [
            {"conversationId": "c1", "title": "two\nlines", "modifyTime": "m", "createTime": "c"},
            {"title": "nobody"},
            "nonsense",
        ]
    }
    assert heads_in(body(answer)) == [Head("c1", "two lines", "c", "m")]


def test_messages_come_in_the_order_of_the_tree_and_only_those():
    ids = message_ids_in(body({"responseNodes": [{"responseId": "r2"}, {"responseId": "r1"}, {}]}))
    assert ids == ["r2", "r1"]
    answer = {
        "responses": [
            {"responseId": "r1", "sender": "ASSISTANT", "message": "a", "parentResponseId": "r2"},
            {"responseId": "r2", "sender": "human", "message": "q"},
            {"responseId": "foreign", "message": "no"},
        ]
    }
    found = messages_in(body(answer), ids)
    assert [(one.id, one.role, one.text) for one in found] == [
        ("r2", "user", "q"),
        ("r1", "assistant", "a"),
    ]


def test_pictures_files_and_sources_are_kept_and_wrong_types_count_as_absent():
    answer = {
        "responseId": "r",
        "sender": 7,
        "message": None,
        "outputChunks": [{"text": {"text": "in "}}, {"text": {"text": "pieces"}}, {"image": 1}],
        "generatedImageUrls": ["users/u/i.jpg", 3],
        "fileAttachmentsMetadata": [{"fileName": "a.pdf"}, {}],
        "citedWebSearchResults": [
            {"url": "https://a.example", "title": "A"},
            {"url": "javascript:alert(1)"},
        ],
        "requestMetadata": {"model": "grok-4"},
    }
    [message] = messages_in(body({"responses": [answer]}), ["r"])
    assert message == Message(
        id="r",
        role="assistant",
        text="in pieces",
        model="grok-4",
        images=("users/u/i.jpg",),
        files=("a.pdf",),
        sources=(("https://a.example", "A"),),
    )
    assert message_from(json.loads(json.dumps(record_of(message)))) == message


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"[" * 100_000])
def test_what_is_no_answer_is_told(answer):
    with pytest.raises(UnreadableAnswerError):
        heads_in(answer)


def test_of_answers_asked_anew_the_latest_counts():
    tree = [said("q"), said("old", "q"), said("new", "q"), said("next", "new")]
    assert [one.id for one in latest_branch(tree)] == ["q", "new", "next"]
    assert latest_branch([]) == []
    assert len(latest_branch([said("a", "b"), said("b", "a")])) == 2
