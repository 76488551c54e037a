"""Whose a conversation is decides who may go on with it."""

from dataclasses import dataclass, field

import pytest

import db
from api_bridge import conversations
from api_bridge.events import Failed, Started
from api_bridge.ports import Caller
from api_bridge.question import Question

ALICE, BOB, SSO = Caller("key", "1"), Caller("key", "2"), Caller("sso", sso_token="t")


@dataclass
class Book:
    rows: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)

    def owner_of(self, kind, object_id):
        return self.rows.get((kind, object_id))

    def record(self, caller, account_id, kind, object_id):
        return self.rows.setdefault((kind, object_id), (caller, account_id)) == (caller, account_id)


@pytest.fixture
def book():
    book = Book()
    assert conversations.note(ALICE, 7, Started("c-1", "r-1"), book.record)
    return book


def account(book, caller, conversation_id="", parent=""):
    question = Question(
        message="", mode="fast", conversation_id=conversation_id, parent_response_id=parent
    )
    return conversations.account_for(caller, question, book.owner_of)


def test_a_new_conversation_is_tied_to_nothing(book):
    assert account(book, ALICE) is None


def test_his_own_leads_to_its_account(book):
    assert account(book, ALICE, "c-1") == 7
    assert account(book, ALICE, "c-1", "r-1") == 7


@pytest.mark.parametrize(
    ("caller", "conversation_id", "parent"),
    [
        (BOB, "c-1", ""),
        (Caller("env"), "c-1", ""),
        (Caller("user", "1"), "c-1", ""),
        (ALICE, "c-2", ""),
        (ALICE, "c-1", "r-2"),
        (ALICE, "", "r-1"),
        (ALICE, "r-1", ""),
    ],
    ids=["another key", "the env key", "a user", "unknown", "unknown message", "alone", "no talk"],
)
def test_everything_else_is_not_found(book, caller, conversation_id, parent):
    found = account(book, caller, conversation_id, parent)
    assert isinstance(found, Failed)
    assert found.kind == "not_found"


def test_a_message_of_another_conversations_owner_is_not_found(book):
    conversations.note(BOB, 7, Started("c-2", "r-2"), book.record)
    assert isinstance(account(book, BOB, "c-2", "r-1"), Failed)


def test_the_owner_of_a_token_is_groks_to_judge(book):
    assert account(book, SSO, "c-1", "r-1") is None
    assert conversations.note(SSO, 0, Started("c-9", "r-9"), book.record)
    assert ("conversation", "c-9") not in book.rows


def test_ids_that_cannot_be_written_down_are_not_told():
    def broken(*_):
        raise db.StorageError("away")

    assert not conversations.note(ALICE, 7, Started("c-1"), broken)
    assert not conversations.note(BOB, 7, Started("c-1"), lambda *_: False)
