"""The key file: read, made where nothing was ever sealed, and changed by rotation.

One key a line, the first seals. It is only ever replaced whole, with the owner it had: whoever
rotates keys as root must not lock the mirror out.
"""

import contextlib
import logging
import os
from pathlib import Path

from cryptography.fernet import Fernet

from db.errors import KeyMissingError, KeyUnusableError

log = logging.getLogger(__name__)


def load_keys(path: Path, *, may_create: bool) -> list[bytes]:
    """The keys of the file; a new file only where nothing was ever encrypted."""
    if not path.exists():
        if not may_create:
            raise KeyMissingError(
                f"the key file {path} is missing, but the database holds encrypted rows: "
                "put the key back (SECRET_KEY_FILE); nothing can read the SSO tokens without it"
            )
        _create(path)
    _close_to_others(path)
    return read_keys(path)


def read_keys(path: Path) -> list[bytes]:
    """The keys of a file that is there, or KeyUnusableError."""
    keys = [line.strip() for line in _lines(path) if line.strip() and not line.startswith(b"#")]
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


def add_first_key(path: Path) -> None:
    """A new key before the others; they still open what they have sealed."""
    keys = read_keys(path)
    _replace(path, [Fernet.generate_key(), *keys])


def keep_first_key(path: Path) -> int:
    """Take the other keys out of the file; how many they were."""
    keys = read_keys(path)
    if len(keys) > 1:
        _replace(path, keys[:1])
    return len(keys) - 1


def _replace(path: Path, keys: list[bytes]) -> None:
    comments = [line for line in _lines(path) if line.startswith(b"#")]
    target = path.resolve()  # a link stays a link
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        _write(draft, [*comments, *keys])
        _own_like(target, draft)
        draft.replace(target)
        _keep_folder(target.parent)
    except OSError as reason:
        raise KeyUnusableError(
            f"the key file {path} cannot be changed: {reason.strerror}; nothing was changed"
        ) from None
    finally:
        draft.unlink(missing_ok=True)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    _write(draft, [Fernet.generate_key()])
    try:
        os.link(draft, path)  # unlike a rename it never replaces the key of a process before us
    except FileExistsError:
        log.info("another process has just made the key file %s", path)
    finally:
        draft.unlink()


def _write(path: Path, lines: list[bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"".join(line + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def _own_like(old: Path, new: Path) -> None:
    status = old.stat()
    with contextlib.suppress(PermissionError):  # not root: then it is ours already
        os.chown(new, status.st_uid, status.st_gid)


def _keep_folder(folder: Path) -> None:
    """Without this a power cut could bring the old name back."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _close_to_others(path: Path) -> None:
    mode = path.stat().st_mode & 0o777
    if not mode & 0o077:
        return
    log.warning("the key file %s was open to others (%o); it is 0600 now", path, mode)
    try:
        path.chmod(0o600)
    except OSError:
        log.warning("the key file %s cannot be closed to others; do it by hand", path)


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\n")
    except OSError as reason:
        raise KeyUnusableError(f"the key file {path} cannot be read: {reason.strerror}") from None
