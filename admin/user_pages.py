"""The people who may use the mirror: made, let in by a link or a password, shut out.

A password is never shown, a one-time link once.
"""

import time
from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, render_template, request

import db
from admin.account_actions import Desk
from admin.language import text
from admin.mirror_address import mirror_address
from admin.notices import Notice
from admin.responses import see_other
from core.settings import Settings
from core.user import User
from core.user_name import UserNameError

LIST = "/admin/users"
PAGE = 50
SHORTEST_PASSWORD = 8
LINK_SECONDS = 86_400.0


def create_user_pages(desk: Desk, settings: Settings) -> Blueprint:
    """The page and its buttons."""
    pages = Blueprint("users", __name__, url_prefix=LIST)
    pages.get("")(show_list)
    pages.post("")(_add(desk, settings))
    pages.post("/<int:user_id>")(_act(desk, settings))
    return pages


def show_list(problem: str = "") -> str:
    """One page of users, by a part of the name."""
    now = time.time()
    search = request.args.get("q", "").strip()[:100]
    number = request.args.get("page", "1")
    page = int(number) if number.isdecimal() and 0 < int(number) < 10**6 else 1
    found = [user for user in db.load_users() if search.casefold() in user.name]
    users = found[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "users.html",
        users=users,
        lets_in={user.id: user.may_sign_in(now) for user in users},
        cars=db.account_names({user.account_id for user in users if user.account_id}),
        sessions=db.count_sessions_by_user(now),
        search=search,
        page=page,
        total=len(found),
        first=(page - 1) * PAGE + 1,
        has_more=page * PAGE < len(found),
        problem=problem,
    )


def _add(desk: Desk, settings: Settings) -> Callable[[], Response]:
    def add() -> Response:
        password = request.form.get("password", "")
        try:
            if password:
                _check(password)
            user = db.add_user(request.form.get("name", ""), password or None)
        except UserNameError:
            return make_response(show_list(text("user_name_wrong")), 400)
        except db.UserExistsError:
            return make_response(show_list(text("user_exists")), 400)
        except ValueError as problem:
            return make_response(show_list(str(problem)), 400)
        values: dict[str, object] = {"name": user.display_name}
        if password:
            desk.notices.leave(Notice(tone="ok", key="user_added", values=values))
        else:
            desk.notices.leave(_link(user, settings))
        return see_other(LIST)

    return add


def _act(desk: Desk, settings: Settings) -> Callable[[int], Response]:
    def act(user_id: int) -> Response:
        user = db.load_user(user_id)
        if user is None:
            abort(404)
        match request.form.get("do"):
            case "enable" | "disable" as wish:
                db.set_user_enabled(user_id, enabled=wish == "enable")
                notice = _said(user, f"user_{wish}d")
            case "link":
                notice = _link(user, settings)
            case "password":
                try:
                    password = request.form.get("password", "")
                    _check(password)
                except ValueError as problem:
                    return make_response(show_list(str(problem)), 400)
                db.set_password(user_id, password)
                notice = _said(user, "user_password_set")
            case _:
                abort(400)
        desk.notices.leave(notice)
        return see_other(LIST)

    return act


def _check(password: str) -> None:
    if not SHORTEST_PASSWORD <= len(password) <= 1024:
        raise ValueError(text("user_password_short", count=SHORTEST_PASSWORD))


def _said(user: User, key: str) -> Notice:
    return Notice(tone="ok", key=key, values={"name": user.display_name})


def _link(user: User, settings: Settings) -> Notice:
    token = db.make_link(user.id, time.time(), LINK_SECONDS)
    values: dict[str, object] = {"name": user.display_name}
    link = f"{mirror_address(settings)}/-/link/{token}"
    return Notice(tone="ok", key="user_link", values=values, secret=link)
