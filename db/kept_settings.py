"""What users have set on the mirrored page of a shared account: their own, beside the account's."""

from db.connection import call, writing
from db.tables import KeptRow


@call
def load_kept(user_id: int, path: str) -> str | None:
    """The JSON a user has set at this path of the upstream; None for nothing."""
    row = KeptRow.get_or_none((KeptRow.user_id == user_id) & (KeptRow.path == path))
    return None if row is None else str(row.body)


@call
def keep(user_id: int, path: str, body: str) -> None:
    """Set it; what was there before is gone."""
    with writing():
        KeptRow.delete().where((KeptRow.user_id == user_id) & (KeptRow.path == path)).execute()
        KeptRow.create(user_id=user_id, path=path, body=body)
