"""`user` and `admin-password`: reads what was typed, prints what came of it.

A password never comes from argv, where every process of the machine could read it.
"""

import argparse

import db
from admin import user_commands
from core.settings import EX_CONFIG, Settings
from supervisor import banner
from supervisor.terminal import read_password

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
    return _about_user(asked, banner.mirror_url(settings))


def _about_user(asked: argparse.Namespace, origin: str) -> str:
    match asked.action:
        case "add":
            password = read_password(_QUESTION) if asked.password_stdin else None
            return user_commands.add_user(asked.name, password, origin=origin)
        case "link":
            return user_commands.link(asked.name, asked.minutes * 60.0, origin=origin)
        case "password":
            return user_commands.set_password(asked.name, read_password(_QUESTION))
        case "disable":
            return user_commands.disable(asked.name)
        case "enable":
            return user_commands.enable(asked.name)
        case _:
            return user_commands.list_users()


def _new_admin_password(settings: Settings) -> str:
    if settings.admin_password:
        raise ValueError("管理密码由 ADMIN_PASSWORD 设定 / ADMIN_PASSWORD sets the admin password")
    return banner.password_box(db.renew_admin_password())
