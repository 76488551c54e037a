"""Whose an object is that was made over the API. Grok's ids are unique: they lead to the account.

A caller is told by name (`key:7`, `env`): no user of the mirror, whose objects are in `ownership`.
"""

from db.connection import call
from db.tables import ApiOwnershipRow, database


@call
def record_api_ownership(caller: str, account_id: int, kind: str, object_id: str) -> bool:
    """Write down the owner; False when it is somebody else's already, which stays so."""
    with database.atomic():
        ApiOwnershipRow.insert(
            kind=kind, object_id=object_id, account_id=account_id, caller=caller
        ).on_conflict_ignore().execute()
        return _owner(kind, object_id) == (caller, account_id)


@call
def api_owner_of(kind: str, object_id: str) -> tuple[str, int] | None:
    """The caller and the account of an object; None when it is nobody's."""
    return _owner(kind, object_id)


def _owner(kind: str, object_id: str) -> tuple[str, int] | None:
    row = ApiOwnershipRow.get_or_none(
        (ApiOwnershipRow.kind == kind) & (ApiOwnershipRow.object_id == object_id)
    )
    return None if row is None else (str(row.caller), int(row.account_id))
