"""Seals every secret again with the first key, so that the older keys can be taken out of the file.

In batches, each in a short transaction of its own, and only rows nobody has changed meanwhile: it
may be killed and started again at any moment, and nobody waits.
"""

from collections.abc import Callable, Iterator
from itertools import batched
from typing import Any

from peewee import Field, Model

from core.settings import Settings
from db.connection import call, sealer, writing
from db.errors import DatabaseUnavailableError
from db.key_file import add_first_key, keep_first_key
from db.tables import AccountRow, ArchivedRow, EgressRow, SettingRow

# Every column that is written with `sealer().seal`.
SEALED: tuple[tuple[type[Model], Field, tuple[Field, ...]], ...] = (
    (AccountRow, AccountRow.id, (AccountRow.sso_token, AccountRow.extra_cookies, AccountRow.jar)),
    (EgressRow, EgressRow.id, (EgressRow.url,)),
    (SettingRow, SettingRow.name, (SettingRow.value,)),
    (ArchivedRow, ArchivedRow.id, (ArchivedRow.head, ArchivedRow.body)),
)
_AT_ONCE = 20
"""Rows read, and secrets written, in one go: an archived conversation may be some megabytes."""
_ROUNDS = 5
SEAL_MARK = (
    "gAAAA"  # of Fernet; values of the settings table without it (a password hash) are plain
)

type Progress = Callable[[int, int], None]
type Secret = tuple[type[Model], Field, Field, object, str]


@call
def reseal_secrets(progress: Progress = lambda done, total: None) -> int:
    """How many secrets were sealed again; those under the first key are left alone."""
    todo = sum(1 for _ in _old_secrets())
    done = seen = 0
    for some in batched(_old_secrets(), _AT_ONCE):
        done += _reseal(some)
        seen += len(some)
        progress(seen, max(seen, todo))
    return done


@call
def start_rotation(settings: Settings) -> bool:
    """A new first key, unless an earlier rotation has not ended: then False, and go on with it."""
    if count_old_seals():
        return False
    add_first_key(settings.secret_key_file)
    return True


@call
def finish_rotation(settings: Settings) -> int:
    """Take the older keys out of the file; how many. Not while a secret still needs one."""
    settle_seals()
    if count_old_seals():
        raise DatabaseUnavailableError("some secrets are still under an older key; run it again")
    return keep_first_key(settings.secret_key_file)


@call
def settle_seals(progress: Progress = lambda done, total: None) -> int:
    """Seal everything again, until nothing written meanwhile is left; how many secrets."""
    done = 0
    for _ in range(_ROUNDS):
        with writing():
            pass  # writers take turns: whoever sealed with the key before has written by now
        done += reseal_secrets(progress)
        if not count_old_seals():
            break
    return done


@call
def count_old_seals() -> int:
    """How many secrets only an older key opens; with 0 the older keys are not needed any more."""
    ours = sealer()
    return sum(not ours.is_current(one[-1]) and ours.opens(one[-1]) for one in _secrets())


@call
def count_seals() -> tuple[int, int]:
    """How many secrets there are, and how many of them no key opens."""
    opened = [sealer().opens(secret[-1]) for secret in _secrets()]
    return len(opened), opened.count(False)


def _old_secrets() -> Iterator[Secret]:
    return (secret for secret in _secrets() if not sealer().is_current(secret[-1]))


def _secrets() -> Iterator[Secret]:
    for model, key, fields in SEALED:
        for row_key, *values in _rows(model, key, fields):
            for field, value in zip(fields, values, strict=True):
                if value and value.startswith(SEAL_MARK):
                    yield model, key, field, row_key, value


def _rows(model: type[Model], key: Field, fields: tuple[Field, ...]) -> Iterator[tuple[Any, ...]]:
    """In key order, some at a time: never all of a table in memory, and no cursor left open."""
    wanted: Any = model.select(key, *fields).order_by(key).limit(_AT_ONCE).tuples()
    some = list(wanted)
    while some:
        yield from some
        some = list(wanted.where(key > some[-1][0]))


def _reseal(secrets: tuple[Secret, ...]) -> int:
    changed = 0
    with writing():
        for model, key, field, row_key, sealed in secrets:
            again = sealer().reseal(sealed)
            same = (key == row_key) & (field == sealed)
            if again is not None:
                changed += model.update(**{field.name: again}).where(same).execute()
    return changed
