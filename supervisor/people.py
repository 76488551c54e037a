"""`user`, `pool`, `invite` and `admin-password`: reads what was typed, prints what came of it.

A password never comes from argv, where every process of the machine could read it.
"""

import argparse
from collections.abc import Callable
from dataclasses import fields

import db
from admin import invite_commands, pool_commands, user_commands
from admin.history_export import export_user
from admin.people_wishes import PeopleWishes
from core.settings import EX_CONFIG, Settings
from supervisor import banner
from supervisor.running_note import running_wiring
from supervisor.terminal import ask, read_password

_QUESTION = "密码 / password: "


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """Do it; 1 when the operator asked for something that cannot be."""
    try:
        db.open_database(settings)
        banner.show(_answer(asked, settings))
    except db.CannotOpenError as problem:
        banner.complain(f"无法使用数据库 / cannot use the database: {problem}")
        return EX_CONFIG
    except (user_commands.CommandError, db.StorageError, OSError, ValueError) as problem:
        banner.complain(str(problem))
        return 1
    finally:
        db.close_database()
    return 0


def _answer(asked: argparse.Namespace, settings: Settings) -> str:
    if asked.command == "admin-password":
        return _new_admin_password(settings)
    if asked.command == "pool":
        return _about_pool(asked)
    if asked.command == "invite":
        return _about_invite(asked, banner.mirror_url(settings))
    return _about_user(asked, settings)


def _about_user(asked: argparse.Namespace, settings: Settings) -> str:
    origin = banner.mirror_url(settings)
    match asked.action:
        case "add":
            password = read_password(_QUESTION) if asked.password_stdin else None
            return user_commands.add_user(asked.name, password, _wishes(asked), origin=origin)
        case "link":
            seconds = asked.minutes * 60.0
            return user_commands.link(asked.name, seconds, asked.uses, origin=origin)
        case "list":
            return user_commands.list_users()
        case "export":
            wiring = running_wiring(settings.data_dir)
            return export_user(asked.name, asked.file, asked.format, wiring)
        case action:
            return _ON_A_USER[action](asked)


_ON_A_USER: dict[str, Callable[[argparse.Namespace], str]] = {
    "show": lambda asked: user_commands.show(asked.name),
    "set": lambda asked: user_commands.set_user(asked.name, _wishes(asked)),
    "password": lambda asked: user_commands.set_password(asked.name, read_password(_QUESTION)),
    "disable": lambda asked: user_commands.disable(asked.name),
    "enable": lambda asked: user_commands.enable(asked.name),
    "delete": lambda asked: _delete_user(asked),
}


def _wishes(asked: argparse.Namespace) -> PeopleWishes:
    names = [one.name for one in fields(PeopleWishes)]
    return PeopleWishes(**{name: getattr(asked, name) for name in names})


def _delete_user(asked: argparse.Namespace) -> str:
    if not asked.yes:
        banner.show(user_commands.what_goes(asked.name))
        if not ask("删除吗？ / Delete? [y/N] "):
            raise ValueError("已取消 / cancelled")
    return user_commands.delete(asked.name)


def _about_pool(asked: argparse.Namespace) -> str:
    match asked.action:
        case "add":
            return pool_commands.add_pool(asked.name, asked.note)
        case "delete":
            return pool_commands.delete_pool(asked.name, asked.heir)
        case "put":
            return pool_commands.put(asked.name, asked.accounts, asked.tag)
        case "take":
            return pool_commands.take(asked.name, asked.accounts, asked.tag)
        case _:
            return pool_commands.list_pools()


def _about_invite(asked: argparse.Namespace, origin: str) -> str:
    match asked.action:
        case "make":
            wishes = _wishes(asked)
            return invite_commands.make_invite(wishes, asked.uses, asked.stay, origin=origin)
        case "end":
            return invite_commands.end_invite(asked.number)
        case _:
            return invite_commands.list_invites()


def _new_admin_password(settings: Settings) -> str:
    if settings.admin_password:
        raise ValueError("管理密码由 ADMIN_PASSWORD 设定 / ADMIN_PASSWORD sets the admin password")
    return banner.password_box(db.renew_admin_password())
