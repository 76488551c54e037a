"""Small values that leave the house and come back, in links: sealed with the keys of the database.

They survive restarts and the rotation of keys; nobody else can read or make one.
"""

from db.connection import sealer
from db.errors import SealBrokenError


def seal_note(kind: str, text: str) -> str:
    """The text as a token that is safe in a URL."""
    return sealer().seal(kind, 0, text)


def open_note(kind: str, token: str) -> str | None:
    """The text of a token of this kind; None when it is not one of ours."""
    try:
        return sealer().open(kind, 0, token)
    except SealBrokenError:
        return None
