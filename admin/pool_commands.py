"""What `serve.py pool` does on the command line; every function returns the text to print."""

from collections.abc import Sequence

import db
from admin.people_wishes import pool_id
from admin.user_commands import CommandError
from core.account_list import AccountQuery
from core.pools import PoolNameError
from core.user import tidy_note


def add_pool(name: str, note: str) -> str:
    """Make a pool."""
    try:
        pool = db.add_pool(name, tidy_note(note))
    except PoolNameError as reason:
        raise CommandError(str(reason)) from None
    except db.PoolExistsError:
        raise CommandError(f"号池已存在 / there is a pool {name!r} already") from None
    return f"号池 / pool: {pool.name}"


def list_pools() -> str:
    """Every pool, one a line: how many accounts, who is tied to it."""
    pools, members = db.load_pools(), db.pool_members()
    width = max((len(pool.name) for pool in pools), default=0)
    lines = [
        f"{pool.name:<{width}}  accounts {len(members.get(pool.id, ()))}"
        f"  {uses_text(db.pool_uses(pool.id))}  {pool.note}".rstrip()
        for pool in pools
    ]
    return "\n".join(lines) or "没有号池 / no pools"


def delete_pool(name: str, heir: str | None) -> str:
    """Forget a pool; refused while somebody is tied to it and no other is named instead."""
    number = pool_id(name)
    try:
        db.delete_pool(number, heir=pool_id(heir) if heir else None)
    except db.PoolInUseError as used:
        raise CommandError(
            "号池正在使用，请用 --heir 指定接替的号池 / the pool is in use; name with --heir the "
            f"pool that they shall have instead: {uses_text(used.uses)}"
        ) from None
    return f"已删除 / deleted: {name}"


def put(name: str, accounts: Sequence[str], tag: str | None) -> str:
    """Put accounts into a pool."""
    count = db.put_in_pool(pool_id(name), _ids(accounts, tag))
    return f"已放入 / put in: {count}"


def take(name: str, accounts: Sequence[str], tag: str | None) -> str:
    """Take accounts out of a pool."""
    count = db.take_from_pool(pool_id(name), _ids(accounts, tag))
    return f"已移出 / taken out: {count}"


def uses_text(uses: db.PoolUses) -> str:
    """`users alice, bob; keys app; invites 2`, a dash for nobody."""
    told = [
        f"users {', '.join(uses.users)}" if uses.users else "",
        f"keys {', '.join(uses.keys)}" if uses.keys else "",
        f"invites {uses.invites}" if uses.invites else "",
    ]
    return "; ".join(part for part in told if part) or "—"


def _ids(accounts: Sequence[str], tag: str | None) -> list[int]:
    names = db.account_names(db.matching_accounts(AccountQuery(), 0.0))
    tagged = db.accounts_tagged(tag) if tag else []
    if tag and not tagged:
        raise CommandError(f"没有带此标签的账号 / no account has the tag {tag!r}")
    found = [_id(word, names) for word in accounts]
    if not found and not tagged:
        raise CommandError("请给出账号或 --tag / name some accounts, or --tag")
    return sorted({*found, *tagged})


def _id(word: str, names: dict[int, str]) -> int:
    fitting = [number for number, name in names.items() if name == word]
    if not fitting and word.isdecimal() and int(word) in names:
        fitting = [int(word)]
    if len(fitting) != 1:
        problem = "有多个同名账号，请用编号 / several accounts are called so; use the number"
        none = "没有这个账号 / there is no such account"
        raise CommandError(f"{problem if fitting else none}: {word}")
    return fitting[0]
