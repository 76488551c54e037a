"""Encrypts secrets at rest, and keeps them in their row.

Row id and kind are inside what is encrypted: a token copied over another row, or into another
column, does not open. Knows nothing of tables.
"""

import json
import logging
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from db.errors import KeyMissingError, KeyUnusableError, SealBrokenError

log = logging.getLogger(__name__)


class Sealer:
    """Seals and opens secrets; the first key seals, every key opens."""

    def __init__(self, keys: list[bytes]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, kind: str, row_id: int, secret: str) -> str:
        plain = json.dumps([kind, row_id, secret]).encode()
        return self._fernet.encrypt(plain).decode()

    def open(self, kind: str, row_id: int, sealed: str) -> str:
        """The secret, or SealBrokenError when it was not sealed for this row by our keys."""
        try:
            found_kind, found_id, secret = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            raise SealBrokenError(f"{kind} {row_id} does not open with this key") from None
        if (found_kind, found_id) != (kind, row_id):
            raise SealBrokenError(f"{kind} {row_id} holds a secret of another row")
        return str(secret)

    def reseal(self, sealed: str) -> str:
        """The same secret under the first key; what rotation does to each row."""
        return self._fernet.rotate(sealed.encode()).decode()


def load_sealer(path: Path, *, may_create: bool) -> Sealer:
    """The keys of the file, one a line; a new file only where nothing was ever encrypted."""
    if not path.exists():
        if not may_create:
            raise KeyMissingError(
                f"the key file {path} is missing, but the database holds encrypted rows: "
                "put the key back (SECRET_KEY_FILE); nothing can read the SSO tokens without it"
            )
        _create(path)
    _close_to_others(path)
    return Sealer(_keys(path))


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(
            draft, path
        )  # unlike a rename it never replaces the key of a process that was first
    except FileExistsError:
        log.info("another process has just made the key file %s", path)
    finally:
        draft.unlink()


def _close_to_others(path: Path) -> None:
    mode = path.stat().st_mode & 0o777
    if not mode & 0o077:
        return
    log.warning("the key file %s was open to others (%o); it is 0600 now", path, mode)
    try:
        path.chmod(0o600)
    except OSError:
        log.warning("the key file %s cannot be closed to others; do it by hand", path)


def _keys(path: Path) -> list[bytes]:
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as reason:
        raise KeyUnusableError(f"the key file {path} cannot be read: {reason.strerror}") from None
    keys = [line.strip() for line in lines if line.strip() and not line.startswith(b"#")]
    if not keys:
        raise KeyUnusableError(f"the key file {path} is empty")
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        raise KeyUnusableError(
            f"the key file {path} holds a line that is no key (44 characters, base64)"
        ) from None
    return keys
