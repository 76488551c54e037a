"""Whose an object of a shared account is. Unknown means nobody's, and nobody may see it."""

from db.connection import call
from db.tables import OwnershipRow, database


@call
def record_ownership(user_id: int, account_id: int, kind: str, object_id: str) -> bool:
    """Write down the owner; False when it is somebody else's already, which stays so."""
    with database.atomic():
        OwnershipRow.insert(
            account_id=account_id, kind=kind, object_id=object_id, user_id=user_id
        ).on_conflict_ignore().execute()
        return _owner(account_id, kind, object_id) == user_id


@call
def owner_of(account_id: int, kind: str, object_id: str) -> int | None:
    """The id of the user the object belongs to."""
    return _owner(account_id, kind, object_id)


@call
def owned_ids(user_id: int, account_id: int, kind: str) -> set[str]:
    """Every object of this kind the user has on the account; what lists are filtered with."""
    his = (OwnershipRow.user_id == user_id) & (OwnershipRow.account_id == account_id)
    rows = OwnershipRow.select(OwnershipRow.object_id).where(his & (OwnershipRow.kind == kind))
    return {row.object_id for row in rows}


@call
def forget_ownership(account_id: int, kind: str, object_id: str) -> None:
    """The object is gone upstream."""
    OwnershipRow.delete().where(_key(account_id, kind, object_id)).execute()


def _owner(account_id: int, kind: str, object_id: str) -> int | None:
    row = OwnershipRow.get_or_none(_key(account_id, kind, object_id))
    return None if row is None else int(row.user_id)


def _key(account_id: int, kind: str, object_id: str) -> object:
    return (
        (OwnershipRow.account_id == account_id)
        & (OwnershipRow.kind == kind)
        & (OwnershipRow.object_id == object_id)
    )
