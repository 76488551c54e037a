"""Whose an object of an account is. Unknown means nobody's, and nobody may see it.

An owner is a caller's name: `user:3`, `key:1`, `env`. Who came first stays the owner.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from db.connection import call, writing
from db.tables import AccountRow, OwnedRow

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Owned:
    """One object and its owner."""

    account_id: int
    kind: str
    object_id: str
    owner: str


@call
def record_ownership(objects: Iterable[Owned]) -> list[Owned]:
    """Write the owners down; what has one already keeps it, and those are returned. An account
    that is gone takes what was its with it."""
    rows: list[dict[str, Any]] = [
        {"account_id": o.account_id, "kind": o.kind, "object_id": o.object_id, "owner": o.owner}
        for o in objects
    ]
    with writing():
        wanted = {row["account_id"] for row in rows}
        accounts = AccountRow.select(AccountRow.id).where(AccountRow.id.in_(wanted))
        living = {account.id for account in accounts}
        kept = [row for row in rows if row["account_id"] in living]
        for at in range(0, len(kept), _AT_ONCE):
            OwnedRow.insert_many(kept[at : at + _AT_ONCE]).on_conflict_ignore().execute()
        return [Owned(**row) for row in kept if _owner(row) != row["owner"]]


def _owner(row: dict[str, Any]) -> str:
    key = {name: row[name] for name in ("account_id", "kind", "object_id")}
    return str(OwnedRow.get(**key).owner)


@call
def owners_of(account_id: int, object_ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """The owners of whatever bears one of these ids on the account, by kind and id."""
    found = {}
    for at in range(0, len(object_ids), _AT_ONCE):
        some = OwnedRow.object_id.in_(object_ids[at : at + _AT_ONCE])
        for row in OwnedRow.select().where((OwnedRow.account_id == account_id) & some):
            found[(str(row.kind), str(row.object_id))] = str(row.owner)
    return found


@call
def find_owned(kind: str, object_id: str) -> Owned | None:
    """The object of this id, on whichever account it lives; None when it is nobody's."""
    row = OwnedRow.get_or_none((OwnedRow.object_id == object_id) & (OwnedRow.kind == kind))
    return None if row is None else Owned(row.account_id, row.kind, row.object_id, row.owner)


@call
def owned_by(owner: str, account_id: int | None = None, kind: str = "") -> list[Owned]:
    """Everything of this owner, if wished on one account or of one kind."""
    wanted = OwnedRow.owner == owner
    if account_id is not None:
        wanted &= OwnedRow.account_id == account_id
    if kind:
        wanted &= OwnedRow.kind == kind
    order = (OwnedRow.account_id, OwnedRow.kind, OwnedRow.object_id)
    rows = OwnedRow.select().where(wanted).order_by(*order)
    return [Owned(row.account_id, row.kind, row.object_id, row.owner) for row in rows]


@call
def forget_owner(owner: str) -> None:
    """The owner is gone: what was his is nobody's, and nobody sees it any more."""
    OwnedRow.delete().where(OwnedRow.owner == owner).execute()


@call
def forget_owned(objects: Iterable[Owned]) -> None:
    """These are nobody's any more, as far as they were their owners'."""
    for item in objects:
        OwnedRow.delete().where(
            (OwnedRow.account_id == item.account_id)
            & (OwnedRow.kind == item.kind)
            & (OwnedRow.object_id == item.object_id)
            & (OwnedRow.owner == item.owner)
        ).execute()
