"""`key`: makes, lists, switches and forgets API keys as the operator types."""

import argparse

import db
from admin import key_commands
from admin.user_commands import CommandError
from core.settings import EX_CONFIG, Settings
from supervisor import banner


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """Do it; 1 when the operator asked for something that cannot be."""
    try:
        db.open_database(settings)
        banner.show(_answer(asked, banner.api_url(settings)))
    except db.CannotOpenError as problem:
        banner.complain(f"无法使用数据库 / cannot use the database: {problem}")
        return EX_CONFIG
    except (CommandError, db.StorageError) as problem:
        banner.complain(str(problem))
        return 1
    finally:
        db.close_database()
    return 0


def _answer(asked: argparse.Namespace, base_url: str) -> str:
    match asked.action:
        case "add":
            return key_commands.add_key(asked.name, _wishes(asked), base_url=base_url)
        case "rotate":
            return key_commands.rotate_key(asked.name, base_url=base_url)
        case "disable":
            return key_commands.disable_key(asked.name)
        case "enable":
            return key_commands.enable_key(asked.name)
        case "delete":
            return key_commands.delete_key(asked.name)
        case _:
            return key_commands.list_keys()


def _wishes(asked: argparse.Namespace) -> key_commands.KeyWishes:
    return key_commands.KeyWishes(
        models=asked.models or "",
        per_minute=asked.rpm,
        concurrency=asked.concurrency,
        day_limit=asked.day_limit,
        month_limit=asked.month_limit,
        expires=asked.expires or "",
        allow=asked.allow,
        pools=asked.pools or "",
        user=asked.user or "",
    )
