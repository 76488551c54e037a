"""Copies of users' conversations, for those who want them: sealed, and never told to another.

A copy outlives its account. What is kept of one user is bounded by who writes it; here it is
measured, as it lies in the database.
"""

import base64
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from peewee import fn

from core.conversation import Head, Message, message_from, record_of
from db.connection import call, sealer, writing
from db.errors import SealBrokenError
from db.tables import ArchivedRow, ArchiveUserRow, UserRow

_HEAD, _BODY = "archived_head", "archived_body"


@dataclass(frozen=True, slots=True)
class Archived:
    """What is known of one copy without reading it."""

    account_id: int
    head: Head
    size: int
    archived_at: float


@call
def set_archive(user_id: int, now: float, *, on: bool) -> None:
    """Keep copies from now on, or make no more; those that are there stay."""
    with writing():
        if on:
            ArchiveUserRow.insert(user_id=user_id, since=now).on_conflict_ignore().execute()
        else:
            ArchiveUserRow.delete().where(ArchiveUserRow.user_id == user_id).execute()


@call
def wants_archive(user_id: int) -> bool:
    """Whether this user wants copies kept."""
    return bool(ArchiveUserRow.select().where(ArchiveUserRow.user_id == user_id).exists())


@call
def archive_users(now: float) -> list[int]:
    """Everybody who wants copies kept and may still come here."""
    lives = UserRow.enabled & (UserRow.expires_at.is_null() | (UserRow.expires_at > now))
    here = UserRow.select(UserRow.id).where(lives)
    rows = ArchiveUserRow.select().where(ArchiveUserRow.user_id.in_(here))
    return [int(row.user_id) for row in rows.order_by(ArchiveUserRow.user_id)]


@call
def archive_size(user_id: int) -> int:
    """Bytes of all copies of a user."""
    size = ArchivedRow.select(fn.SUM(ArchivedRow.size)).where(ArchivedRow.user_id == user_id)
    return int(size.scalar() or 0)


@call
def archived_moments(user_id: int, account_id: int) -> dict[str, tuple[str, int]]:
    """Of the copies from one account: when Grok says each was changed, and its size; by id."""
    rows: Any = ArchivedRow.select(
        ArchivedRow.conversation_id, ArchivedRow.modified, ArchivedRow.size
    ).where((ArchivedRow.user_id == user_id) & (ArchivedRow.account_id == account_id))
    return {conversation: (modified, size) for conversation, modified, size in rows.tuples()}


@call
def list_archived(user_id: int) -> list[Archived]:
    """All copies of a user; what no key opens is left out."""
    rows = ArchivedRow.select(
        ArchivedRow.id,
        ArchivedRow.account_id,
        ArchivedRow.head,
        ArchivedRow.size,
        ArchivedRow.archived_at,
    ).where(ArchivedRow.user_id == user_id)
    found = ((row, _head(row)) for row in rows)
    return [Archived(r.account_id, head, r.size, r.archived_at) for r, head in found if head]


@call
def has_copy(user_id: int, account_id: int, conversation_id: str) -> bool:
    """Whether there is one, readable or not."""
    mine = ArchivedRow.select().where(_key(user_id, account_id, conversation_id))
    return bool(mine.exists())


@call
def load_archived(
    user_id: int, account_id: int, conversation_id: str
) -> tuple[Archived, list[Message]] | None:
    """One copy; None when there is none of this user's. SealBrokenError when no key opens it."""
    row = ArchivedRow.get_or_none(_key(user_id, account_id, conversation_id))
    if row is None:
        return None
    head = Head(**json.loads(sealer().open(_HEAD, row.id, row.head)))
    packed = base64.b64decode(sealer().open(_BODY, row.id, row.body))
    messages = [message_from(record) for record in json.loads(zlib.decompress(packed))]
    return Archived(row.account_id, head, row.size, row.archived_at), messages


def pack(messages: Iterable[Message]) -> str:
    """The text that is sealed: small, as a database is no place for large values."""
    records = json.dumps([record_of(message) for message in messages], ensure_ascii=False)
    return base64.b64encode(zlib.compress(records.encode("utf-8", "replace"))).decode()


def sealed_size(packed: str) -> int:
    """Bytes it will take."""
    return len(packed) * 4 // 3 + 200


@call
def keep_copy(user_id: int, account_id: int, head: Head, packed: str, now: float) -> bool:
    """Keep a copy in place of an older one; False for somebody who does not want it (any more)."""
    with writing():
        if not wants_archive(user_id):
            return False
        ArchivedRow.delete().where(_key(user_id, account_id, head.id)).execute()
        row = ArchivedRow.create(
            user_id=user_id,
            account_id=account_id,
            conversation_id=head.id,
            modified=head.modified,
            head="",
            body="",
            size=0,
            archived_at=now,
        )
        row.head = sealer().seal(_HEAD, row.id, json.dumps(asdict(head)))
        row.body = sealer().seal(_BODY, row.id, packed)
        row.size = len(row.head) + len(row.body)
        row.save()
    return True


@call
def delete_archive(user_id: int, only: Sequence[tuple[int, str]] | None = None) -> int:
    """Forget all copies of a user, or these: account and conversation."""
    if only is None:
        return int(ArchivedRow.delete().where(ArchivedRow.user_id == user_id).execute())
    with writing():
        return sum(ArchivedRow.delete().where(_key(user_id, *one)).execute() for one in only)


def _key(user_id: int, account_id: int, conversation_id: str) -> Any:  # noqa: ANN401 - as peewee
    return (
        (ArchivedRow.user_id == user_id)
        & (ArchivedRow.account_id == account_id)
        & (ArchivedRow.conversation_id == conversation_id)
    )


def _head(row: ArchivedRow) -> Head | None:
    try:
        return Head(**json.loads(sealer().open(_HEAD, row.id, row.head)))
    except SealBrokenError:
        return None
