"""What `serve.py key` does for API keys on the command line; every function returns the text to
print. It expects an open database and knows no arguments or exit codes."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import db
from admin.people_wishes import parse_pools, pool_names
from admin.user_commands import CommandError, user_named
from core.api_key import (
    ApiKey,
    KeyRules,
    parse_addresses,
    parse_expiry,
    parse_models,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWishes:
    """The rules as typed."""

    models: str = ""
    per_minute: int | None = None
    concurrency: int | None = None
    day_limit: int | None = None
    month_limit: int | None = None
    expires: str = ""
    allow: Sequence[str] = ()
    pools: str = ""
    user: str = ""

    def rules(self, now: float) -> KeyRules:
        """ApiKeyError when they make no sense."""
        return KeyRules(
            models=parse_models(self.models),
            pools=parse_pools(self.pools),
            per_minute=self.per_minute,
            concurrency=self.concurrency,
            day_limit=self.day_limit,
            month_limit=self.month_limit,
            expires_at=parse_expiry(self.expires, now) if self.expires else None,
            networks=parse_addresses(self.allow),
        )


def add_key(name: str, wishes: KeyWishes, *, base_url: str) -> str:
    """Make a key and show it, once."""
    now = time.time()
    try:
        owner = user_named(wishes.user).id if wishes.user else None
        key, text = db.add_api_key(name, wishes.rules(now), now, user_id=owner)
    except db.ApiKeyExistsError:
        raise CommandError(f"密钥已存在 / there is a key {name!r} already") from None
    except ValueError as reason:
        raise CommandError(str(reason)) from None
    return _shown_once(key, text, base_url)


def rotate_key(name: str, *, base_url: str) -> str:
    """Give a key a new text and show it, once."""
    key = _key(name)
    return _shown_once(key, db.rotate_api_key(key.id), base_url)


def list_keys() -> str:
    """Every key, one a line."""
    keys, now = db.load_api_keys(), time.time()
    width = max((len(key.name) for key in keys), default=0)
    return "\n".join(_line(key, width, now) for key in keys) or "没有密钥 / no keys"


def disable_key(name: str) -> str:
    """Switch a key off at once."""
    return _switched(name, enabled=False)


def enable_key(name: str) -> str:
    """Switch a key on again."""
    return _switched(name, enabled=True)


def delete_key(name: str) -> str:
    """Forget a key for good."""
    key = _key(name)
    db.delete_api_key(key.id)
    return f"已删除 / deleted: {key.name}"


def _switched(name: str, *, enabled: bool) -> str:
    key = _key(name)
    db.set_api_key_enabled(key.id, enabled=enabled)
    return f"{'已启用 / switched on' if enabled else '已停用 / switched off'}: {key.name}"


def _key(name: str) -> ApiKey:
    key = db.find_api_key_by_name(name)
    if key is None:
        raise CommandError(f"没有这个密钥 / there is no key {name!r}")
    return key


def _shown_once(key: ApiKey, text: str, base_url: str) -> str:
    return "\n".join(
        [
            f"密钥 / key: {text}",
            f"基址 / base URL: {base_url}",
            f"{key.name}: {_rules_text(key)}",
            "只显示这一次 / shown only this once",
        ]
    )


def _line(key: ApiKey, width: int, now: float) -> str:
    usage = db.api_key_usage(key.id, now)
    expired = key.rules.expires_at is not None and key.rules.expires_at <= now
    state = "on " if key.enabled and not expired else "off"
    used = _day(key.last_used_at) if key.last_used_at else "never"
    counts = f"today {usage.today}  month {usage.month}  last used {used}"
    start = f"{key.id:>3}  {key.name:<{width}}  {state}  {key.prefix}…  {counts}"
    return f"{start}  {_rules_text(key)}"


def _rules_text(key: ApiKey) -> str:
    rules = key.rules
    owner = None if key.user_id is None else db.load_user(key.user_id)
    told = [
        ("user", owner and owner.display_name),
        ("pools", ", ".join(pool_names(rules.pools))),
        ("models", " ".join(rules.models)),
        ("rpm", rules.per_minute),
        ("concurrency", rules.concurrency),
        ("day-limit", rules.day_limit),
        ("month-limit", rules.month_limit),
        ("expires", "" if rules.expires_at is None else _day(rules.expires_at)),
        ("allow", " ".join(map(str, rules.networks))),
    ]
    shown = [f"{name} {value}" for name, value in told if value not in (None, "")]
    return ", ".join(shown) or "不限 / no limits"


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M")
