"""Encrypts secrets at rest, and keeps them in their row.

Row id and kind are inside what is encrypted: a token copied over another row, or into another
column, does not open. Knows nothing of tables.
"""

import json
import logging
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from db.errors import KeyUnusableError, SealBrokenError
from db.key_file import load_keys, read_keys

log = logging.getLogger(__name__)

type Stamp = tuple[int, int, int]


class Sealer:
    """Seals and opens secrets; the first key seals, every key opens.

    Before each use the file is looked at, so that a rotation reaches processes that are running:
    what they seal inside a transaction is under the new key once the rotation has had a turn.
    """

    def __init__(self, keys: list[bytes], path: Path | None = None) -> None:
        self._path = path
        self._stamp = self._stamp_now()
        self._use(keys)
        self.generation_read = 0

    @property
    def generation(self) -> int:
        """A number that differs after the keys have changed."""
        self._refresh()
        return self.generation_read

    def seal(self, kind: str, row_id: int, secret: str) -> str:
        plain = json.dumps([kind, row_id, secret]).encode()
        return self._refresh().encrypt(plain).decode()

    def open(self, kind: str, row_id: int, sealed: str) -> str:
        """The secret, or SealBrokenError when it was not sealed for this row by our keys."""
        try:
            plain = self._refresh().decrypt(sealed.encode())
            found_kind, found_id, secret = json.loads(plain)
        except (InvalidToken, ValueError):
            raise SealBrokenError(f"{kind} {row_id} does not open with this key") from None
        if (found_kind, found_id) != (kind, row_id):
            raise SealBrokenError(f"{kind} {row_id} holds a secret of another row")
        return str(secret)

    def reseal(self, sealed: str) -> str | None:
        """The same secret under the first key; None when no key opens it."""
        try:
            return self._refresh().rotate(sealed.encode()).decode()
        except InvalidToken:
            return None

    def opens(self, sealed: str) -> bool:
        """Whether any of our keys opens it."""
        try:
            self._refresh().decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def is_current(self, sealed: str) -> bool:
        """Whether the first key has sealed it."""
        self._refresh()
        try:
            self._first.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    def _use(self, keys: list[bytes]) -> None:
        self._first = Fernet(keys[0])
        self._all = MultiFernet([Fernet(key) for key in keys])

    def _refresh(self) -> MultiFernet:
        stamp = self._stamp_now()
        if stamp is not None and stamp != self._stamp and self._path is not None:
            self._stamp = stamp
            try:
                self._use(read_keys(self._path))
                self.generation_read += 1
            except KeyUnusableError as reason:
                log.warning("%s; the keys read before stay in use", reason)
        return self._all

    def _stamp_now(self) -> Stamp | None:
        if self._path is None:
            return None
        try:
            status = self._path.stat()
        except OSError:
            return None  # a key that has gone is still known here; the next start tells
        return status.st_mtime_ns, status.st_ino, status.st_size


def load_sealer(path: Path, *, may_create: bool) -> Sealer:
    """A sealer with the keys of the file; see `db.key_file`."""
    return Sealer(load_keys(path, may_create=may_create), path)
