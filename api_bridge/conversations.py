"""Whose a conversation is that was begun over the API, and on which account it can be gone on with.

A caller with a token of his own is his own account: Grok itself knows what is his.
"""

from collections.abc import Callable

import db
from api_bridge.events import Failed, FailureKind, Started
from api_bridge.ports import Caller
from api_bridge.question import Question

type Owner = tuple[str, int]

_CONVERSATION, _RESPONSE = "conversation", "response"


def _owner_of(kind: str, object_id: str) -> Owner | None:
    owned = db.find_owned(kind, object_id)
    return (owned.owner, owned.account_id) if owned else None


def _record(caller: str, account_id: int, kind: str, object_id: str) -> bool:
    """Write down the owner; False when it is somebody else's already, which stays so."""
    db.record_ownership([db.Owned(account_id, kind, object_id, caller)])
    return _owner_of(kind, object_id) == (caller, account_id)


def account_for(
    caller: Caller,
    question: Question,
    owner_of: Callable[[str, str], Owner | None] = _owner_of,
) -> int | Failed | None:
    """The account that a question is tied to; a failure when it speaks of what is not his."""
    if question.parent_response_id and not question.conversation_id:
        return Failed(FailureKind.NOT_FOUND, "parent_message_id needs its conversation_id.")
    if not question.conversation_id or caller.kind == "sso":
        return None
    owner = owner_of(_CONVERSATION, question.conversation_id)
    if owner is None or owner[0] != caller.name:
        return Failed(FailureKind.NOT_FOUND, "No such conversation.")
    parent = question.parent_response_id
    if parent and owner_of(_RESPONSE, parent) != owner:
        return Failed(FailureKind.NOT_FOUND, "No such message in this conversation.")
    return owner[1]


def note(
    caller: Caller,
    account_id: int,
    started: Started,
    record: Callable[[str, int, str, str], bool] = _record,
) -> bool:
    """Write down whose the ids are; False when they must not be told."""
    if caller.kind == "sso":
        return True
    ids = ((_CONVERSATION, started.conversation_id), (_RESPONSE, started.response_id))
    try:
        return all(record(caller.name, account_id, kind, id_) for kind, id_ in ids if id_)
    except db.StorageError:
        return False
