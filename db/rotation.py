"""Seals every secret again with the first key, so that the older keys can be taken out of the file.

Row by row, each in its own transaction: it may be stopped and started again, and nobody waits.
"""

from typing import Any

from peewee import Field, Model

from db.connection import call, sealer
from db.tables import AccountRow, EgressRow, SettingRow, database

_SEALED: tuple[tuple[type[Model], Field, tuple[Field, ...]], ...] = (
    (AccountRow, AccountRow.id, (AccountRow.sso_token, AccountRow.extra_cookies, AccountRow.jar)),
    (EgressRow, EgressRow.id, (EgressRow.url,)),
    (SettingRow, SettingRow.name, (SettingRow.value,)),
)


@call
def reseal_secrets() -> int:
    """How many secrets were sealed again."""
    done = 0
    for model, key, fields in _SEALED:
        rows: Any = model.select(key).tuples()
        for (row_key,) in list(rows):
            done += sum(_reseal(model, key, field, row_key) for field in fields)
    return done


def _reseal(model: type[Model], key: Field, field: Field, row_key: object) -> int:
    with database.atomic():
        sealed = model.select(field).where(key == row_key).scalar()
        # Values of the settings table that are no secrets (a password hash) are not ours to touch.
        if not sealed or not sealed.startswith("gAAAA"):
            return 0
        changed = {field.name: sealer().reseal(sealed)}
        return int(model.update(**changed).where(key == row_key).execute())
