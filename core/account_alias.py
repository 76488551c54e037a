"""The account's id at Grok under another name, each user seeing one of his own.

Both are UUIDs, so nothing changes its length: what the page is told, it may send back anywhere.
"""

import hashlib
import uuid
from dataclasses import dataclass

from core.scrubbing import Forms, Scrubber


@dataclass(frozen=True, slots=True)
class Alias:
    """`real` is Grok's, `shown` the user's."""

    real: bytes
    shown: bytes

    def to_page(self, data: bytes) -> bytes:
        return data.replace(self.real, self.shown)

    def to_upstream(self, data: bytes) -> bytes:
        return data.replace(self.shown, self.real)


def alias_for(account_uuid: str, owner: str) -> Alias:
    """Always the same for a user on an account; from it nobody finds the real one."""
    digest = hashlib.sha256(f"{owner} {account_uuid}".encode()).digest()
    return Alias(account_uuid.encode(), str(uuid.UUID(bytes=digest[:16], version=4)).encode())


class AliasStage(Scrubber):
    """A stage of a body: the real id becomes the shown one, wherever the body is cut."""

    def __init__(self, alias: Alias) -> None:
        super().__init__(())
        self._forms = Forms((alias.real,))
        self._shown = alias.shown

    def _mark(self, size: int) -> bytes:
        return self._shown
