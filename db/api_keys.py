"""API keys: random secrets outside, their hashes inside; and how often each was used."""

import ipaddress
import secrets
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from peewee import Case, IntegrityError, fn

from core.api_key import (
    MARK,
    SHOWN_LENGTH,
    ApiKey,
    KeyRules,
    Usage,
    UsedUp,
    day_of,
    key_name,
    used_up,
)
from core.mirror_session import secret_hash
from core.user import User
from db.connection import call, changing, writing
from db.tables import ApiKeyRow, ApiKeyUsageRow, KeyPoolRow
from db.user_usage import add_questions, usage_of


class ApiKeyExistsError(ValueError):
    """There is a key of this name already."""


@call
def add_api_key(
    name: str, rules: KeyRules, now: float, *, user_id: int | None = None
) -> tuple[ApiKey, str]:
    """Make a key, a user's if one is named; its text is returned here and nowhere else."""
    text, wanted = _new_text(), key_name(name)
    if ApiKeyRow.select().where(ApiKeyRow.name == wanted).exists():
        raise ApiKeyExistsError(name)
    try:
        with changing():
            row = ApiKeyRow.create(
                name=wanted, created_at=now, user_id=user_id, **_columns(rules), **_secret(text)
            )
            for pool_id in sorted(rules.pools):
                KeyPoolRow.create(key_id=row.id, pool_id=pool_id)
    except IntegrityError:
        raise ApiKeyExistsError(name) from None
    return _value(row), text


@call
def find_api_key(text: str) -> ApiKey | None:
    """The key with this text, whether or not it may be used."""
    row = ApiKeyRow.get_or_none(ApiKeyRow.key_hash == secret_hash(text))
    return None if row is None else _value(row)


@call
def find_api_key_by_name(name: str) -> ApiKey | None:
    """The key with this name, or with this number."""
    row = ApiKeyRow.get_or_none(ApiKeyRow.name == " ".join(name.split()))
    if row is None and name.isascii() and name.isdecimal() and len(name) < 18:
        row = ApiKeyRow.get_or_none(ApiKeyRow.id == int(name))
    return None if row is None else _value(row)


@call
def load_api_keys() -> list[ApiKey]:
    """Every key, oldest first."""
    pools: dict[int, list[int]] = defaultdict(list)
    for tie in KeyPoolRow.select():
        pools[tie.key_id].append(tie.pool_id)
    rows = ApiKeyRow.select().order_by(ApiKeyRow.id)
    return [_value(row, pools.get(row.id, ())) for row in rows]


@call
def load_api_key(key_id: int) -> ApiKey | None:
    """One key, or None when there is none of this id."""
    row = ApiKeyRow.get_or_none(ApiKeyRow.id == key_id)
    return None if row is None else _value(row)


@call
def change_api_key(key_id: int, name: str, rules: KeyRules, *, user_id: int | None = None) -> None:
    """Replace the name and the rules; its text stays good. ApiKeyExistsError for a name in use."""
    wanted = key_name(name)
    others = (ApiKeyRow.name == wanted) & (ApiKeyRow.id != key_id)
    if ApiKeyRow.select().where(others).exists():
        raise ApiKeyExistsError(name)
    with changing():
        ApiKeyRow.update(name=wanted, user_id=user_id, **_columns(rules)).where(
            ApiKeyRow.id == key_id
        ).execute()
        KeyPoolRow.delete().where(KeyPoolRow.key_id == key_id).execute()
        for pool_id in sorted(rules.pools):
            KeyPoolRow.create(key_id=key_id, pool_id=pool_id)


@call
def set_api_key_enabled(key_id: int, *, enabled: bool) -> None:
    """Switch a key on or off."""
    ApiKeyRow.update(enabled=enabled).where(ApiKeyRow.id == key_id).execute()


@call
def rotate_api_key(key_id: int) -> str:
    """Give the key a new text; the old one opens nothing from now on."""
    text = _new_text()
    ApiKeyRow.update(**_secret(text)).where(ApiKeyRow.id == key_id).execute()
    return text


@call
def delete_api_key(key_id: int) -> None:
    """Forget a key and its counters."""
    with changing():
        ApiKeyUsageRow.delete().where(ApiKeyUsageRow.key_id == key_id).execute()
        ApiKeyRow.delete().where(ApiKeyRow.id == key_id).execute()


@call
def count_api_call(key: ApiKey, now: float, owner: User | None = None) -> UsedUp | None:
    """Count a call that is about to be made; or name the limit that forbids it, the key's own or
    its owner's.

    One transaction: of two calls for the last place only one gets it.
    """
    with writing():
        over = used_up("key", key.rules, _usage(key.id, now))
        if owner:
            over = over or used_up("user", owner.rules, usage_of(owner.id, now))
        if over:
            return over
        _add_calls(1, key, day_of(now))
        if owner:
            add_questions(owner.id, day_of(now), now, api=1)
        if key.needs_touch(now):
            ApiKeyRow.update(last_used_at=now).where(ApiKeyRow.id == key.id).execute()
    return None


@call
def take_back_api_call(key: ApiKey, counted: float, now: float, owner: User | None = None) -> None:
    """A call came to nothing that was counted at that time, by `count_api_call` with this owner."""
    with writing():  # a key or user deleted meanwhile has nothing left to take from
        if _usage(key.id, counted).today:
            _add_calls(-1, key, day_of(counted))
        if owner and usage_of(owner.id, counted).today:
            add_questions(owner.id, day_of(counted), now, api=-1)


def _add_calls(calls: int, key: ApiKey, day: str) -> None:
    ApiKeyUsageRow.insert(key_id=key.id, day=day, calls=calls).on_conflict(
        conflict_target=[ApiKeyUsageRow.key_id, ApiKeyUsageRow.day],
        update={ApiKeyUsageRow.calls: ApiKeyUsageRow.calls + calls},
    ).execute()


@call
def api_key_usage(key_id: int, now: float) -> Usage:
    """How often the key was used today and this month."""
    return _usage(key_id, now)


@call
def api_keys_usage(now: float) -> dict[int, Usage]:
    """The same of every key that was used this month."""
    today, month = day_of(now), day_of(now)[: len("2026-11")]
    row: Any = ApiKeyUsageRow
    of_month = fn.SUBSTR(row.day, 1, len(month)) == month
    sums = fn.SUM(row.calls)
    of_day = fn.SUM(Case(None, ((row.day == today, row.calls),), 0))
    counted = row.select(row.key_id, of_day, sums).where(of_month).group_by(row.key_id)
    return {key_id: Usage(int(day), int(all_)) for key_id, day, all_ in counted.tuples()}


@call
def api_key_days(key_id: int, days: int = 31) -> list[tuple[str, int]]:
    """The latest days on which the key was used, newest first."""
    rows: Any = ApiKeyUsageRow.select(ApiKeyUsageRow.day, ApiKeyUsageRow.calls)
    newest = rows.where(ApiKeyUsageRow.key_id == key_id).order_by(ApiKeyUsageRow.day.desc())
    return list(newest.limit(days).tuples())


def _usage(key_id: int, now: float) -> Usage:
    today = day_of(now)
    rows: Any = ApiKeyUsageRow.select(ApiKeyUsageRow.day, ApiKeyUsageRow.calls).where(
        (ApiKeyUsageRow.key_id == key_id)
        & (fn.SUBSTR(ApiKeyUsageRow.day, 1, len("2026-11")) == today[: len("2026-11")])
    )
    calls = dict(rows.tuples())
    return Usage(calls.get(today, 0), sum(calls.values()))


def _new_text() -> str:
    return MARK + secrets.token_urlsafe(32)


def _secret(text: str) -> dict[str, str]:
    return {"prefix": text[:SHOWN_LENGTH], "key_hash": secret_hash(text)}


def _columns(rules: KeyRules) -> dict[str, Any]:
    return {
        "models": " ".join(rules.models),
        "per_minute": rules.per_minute,
        "concurrency": rules.concurrency,
        "day_limit": rules.day_limit,
        "month_limit": rules.month_limit,
        "expires_at": rules.expires_at,
        "networks": " ".join(map(str, rules.networks)),
    }


def _value(row: ApiKeyRow, pools: Iterable[int] | None = None) -> ApiKey:
    if pools is None:
        ties = KeyPoolRow.select().where(KeyPoolRow.key_id == row.id)
        pools = [tie.pool_id for tie in ties]
    return ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        rules=KeyRules(
            models=tuple(row.models.split()),
            pools=frozenset(pools),
            per_minute=row.per_minute,
            concurrency=row.concurrency,
            day_limit=row.day_limit,
            month_limit=row.month_limit,
            expires_at=row.expires_at,
            networks=tuple(map(ipaddress.ip_network, row.networks.split())),
        ),
        enabled=row.enabled,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        user_id=row.user_id,
    )
