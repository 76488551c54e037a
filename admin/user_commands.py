"""What `serve.py` does for users on the command line; every function returns the text
to print. It expects an open database and knows no arguments or exit codes."""

import secrets
import time

import db
from core.user import User
from core.user_name import UserNameError

LINK_SECONDS = 86_400.0


class CommandError(Exception):
    """The operator's mistake; the text says which."""


def add_user(name: str, password: str | None = None, *, origin: str) -> str:
    """Make a user. Without a password one is made and shown, with a link for the first time."""
    made = None if password else secrets.token_urlsafe(12)
    try:
        user = db.add_user(name, password or made)
    except UserNameError as reason:
        raise CommandError(str(reason)) from None
    except db.UserExistsError:
        raise CommandError(f"用户已存在 / there is a user {name!r} already") from None
    lines = [f"用户 / user: {user.display_name}"]
    if made:
        lines += [f"密码 / password: {made}", _link_line(user, LINK_SECONDS, origin)]
    return "\n".join(lines)


def link(name: str, ttl: float = LINK_SECONDS, *, origin: str) -> str:
    """A one-time sign-in link for a user, valid for `ttl` seconds."""
    return _link_line(_user(name), ttl, origin)


def list_users() -> str:
    """Every user, one a line."""
    users = db.load_users()
    width = max((len(user.name) for user in users), default=0)
    return "\n".join(_user_line(user, width) for user in users) or "没有用户 / no users"


def disable(name: str) -> str:
    """Shut a user out at once."""
    user = _user(name)
    db.set_user_enabled(user.id, enabled=False)
    return f"已停用 / switched off: {user.display_name}"


def enable(name: str) -> str:
    """Let a user in again."""
    user = _user(name)
    db.set_user_enabled(user.id, enabled=True)
    return f"已启用 / switched on: {user.display_name}"


def set_password(name: str, password: str) -> str:
    """Give a user a password; his browsers are signed out."""
    user = _user(name)
    db.set_password(user.id, password)
    return f"密码已更新 / password changed: {user.display_name}"


def _user(name: str) -> User:
    try:
        user = db.find_user(name)
    except UserNameError as reason:
        raise CommandError(str(reason)) from None
    if user is None:
        raise CommandError(f"没有这个用户 / there is no user {name!r}")
    return user


def _link_line(user: User, seconds: float, origin: str) -> str:
    token = db.make_link(user.id, time.time(), seconds)
    return f"一次性登录链接 / one-time sign-in link: {origin}/-/link/{token}"


def _user_line(user: User, width: int) -> str:
    state = "on " if user.may_sign_in(time.time()) else "off"
    way = "password" if user.has_password else "link only"
    return f"{user.name:<{width}}  {state}  {way}"
