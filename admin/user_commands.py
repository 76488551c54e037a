"""What `serve.py` does for users on the command line; every function returns the text
to print. It expects an open database and knows no arguments or exit codes."""

import secrets
import time
from datetime import UTC, datetime

import db
from admin.people_wishes import PeopleWishes, pool_names
from core.user import User, UserRules, tidy_note
from core.user_name import UserNameError

LINK_SECONDS = 86_400.0
NO_WISHES = PeopleWishes()


class CommandError(Exception):
    """The operator's mistake; the text says which."""


def add_user(
    name: str, password: str | None = None, wishes: PeopleWishes = NO_WISHES, *, origin: str
) -> str:
    """Make a user. Without a password one is made and shown, with a link for the first time."""
    made = None if password else secrets.token_urlsafe(12)
    try:
        user = db.add_user(
            name,
            password or made,
            expires_at=wishes.end(None, time.time()),
            note=tidy_note(wishes.note or ""),
            rules=wishes.rules(UserRules()),
        )
    except db.UserExistsError:
        raise CommandError(f"用户已存在 / there is a user {name!r} already") from None
    except ValueError as reason:
        raise CommandError(str(reason)) from None
    lines = [f"用户 / user: {user.display_name}"]
    if made:
        lines += [f"密码 / password: {made}", _link_line(user, LINK_SECONDS, 1, origin)]
    return "\n".join(lines)


def set_user(name: str, wishes: PeopleWishes) -> str:
    """Say what a user may have; what is not named stays as it is."""
    try:
        wishes.apply(user_named(name), time.time())
    except ValueError as reason:
        raise CommandError(str(reason)) from None
    return show(name)


def show(name: str) -> str:
    """One user: what he may have, and has used."""
    user, now = user_named(name), time.time()
    usage, rules = db.user_usage(user.id, now), user.rules
    keys = [key.name for key in db.load_api_keys() if key.user_id == user.id]
    told = [
        ("用户 / user", user.display_name),
        ("状态 / state", _state(user, now)),
        ("备注 / note", user.note),
        ("有效期 / expires", "never" if user.expires_at is None else _moment(user.expires_at)),
        ("模式 / modes", " ".join(rules.modes) or "all"),
        ("号池 / pools", ", ".join(pool_names(rules.pools)) or "all"),
        ("今日 / today", f"{usage.today} / {_limit(rules.day_limit)}"),
        ("本月 / month", f"{usage.month} / {_limit(rules.month_limit)}"),
        ("密钥 / API keys", ", ".join(keys)),
        ("浏览器 / browsers", str(len(db.sessions_of(user.id, now)))),
    ]
    return "\n".join(f"{label}: {value}" for label, value in told if value)


def what_goes(name: str) -> str:
    """What deleting him does, said before it is done."""
    user = user_named(name)
    traces = db.user_traces(user.id)
    lines = [
        f"删除用户 / deleting the user {user.display_name}:",
        f"- 退出 {traces.sessions} 个浏览器 / signs out {traces.sessions} browsers",
        f"- 删除 {traces.keys} 个 API 密钥 / deletes {traces.keys} API keys",
        f"- {traces.objects} 个对话和文件仍留在 Grok，不再属于任何人 / "
        f"{traces.objects} conversations and files stay in Grok and are nobody's",
    ]
    if traces.private_accounts:
        names = ", ".join(traces.private_accounts)
        lines.append(f"- 停用其专属账号 / switches off his private accounts: {names}")
    return "\n".join(lines)


def delete(name: str) -> str:
    """Forget a user and what hangs on him."""
    user = user_named(name)
    db.delete_user(user.id)
    return f"已删除 / deleted: {user.display_name}"


def link(name: str, ttl: float = LINK_SECONDS, uses: int = 1, *, origin: str) -> str:
    """A sign-in link for a user, valid for `ttl` seconds and so many uses."""
    return _link_line(user_named(name), ttl, uses, origin)


def list_users() -> str:
    """Every user, one a line."""
    users = db.load_users()
    width = max((len(user.name) for user in users), default=0)
    return "\n".join(_user_line(user, width) for user in users) or "没有用户 / no users"


def disable(name: str) -> str:
    """Shut a user out at once."""
    user = user_named(name)
    db.set_user_enabled(user.id, enabled=False)
    return f"已停用 / switched off: {user.display_name}"


def enable(name: str) -> str:
    """Let a user in again."""
    user = user_named(name)
    db.set_user_enabled(user.id, enabled=True)
    return f"已启用 / switched on: {user.display_name}"


def set_password(name: str, password: str) -> str:
    """Give a user a password; his browsers are signed out."""
    user = user_named(name)
    db.set_password(user.id, password)
    return f"密码已更新 / password changed: {user.display_name}"


def user_named(name: str) -> User:
    """The user who is meant; CommandError when nobody is."""
    try:
        user = db.find_user(name)
    except UserNameError as reason:
        raise CommandError(str(reason)) from None
    if user is None:
        raise CommandError(f"没有这个用户 / there is no user {name!r}")
    return user


def _link_line(user: User, seconds: float, uses: int, origin: str) -> str:
    token = db.make_link(user.id, time.time(), seconds, uses)
    label = "一次性登录链接 / one-time sign-in link"
    if uses > 1:
        label = f"登录链接（{uses} 次） / sign-in link, {uses} uses"
    return f"{label}: {origin}/-/link/{token}"


def _user_line(user: User, width: int) -> str:
    state = "on " if user.may_sign_in(time.time()) else "off"
    way = "guest" if user.is_guest else "password" if user.has_password else "link only"
    return f"{user.name:<{width}}  {state}  {way:<9}  {user.note}".rstrip()


def _state(user: User, now: float) -> str:
    if user.may_sign_in(now):
        return "guest" if user.is_guest else "on"
    return "expired" if user.enabled else "off"


def _limit(limit: int | None) -> str:
    return "∞" if limit is None else str(limit)


def _moment(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
