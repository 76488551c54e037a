"""The people who may use the mirror: made, let in by a link or a password, shut out.

A password is never shown, a one-time link once.
"""

import time
from collections.abc import Callable

from flask import Blueprint, Response, make_response, render_template, request

import db
from admin.account_actions import Desk
from admin.language import text
from admin.new_password import check_new_password
from admin.notices import Notice
from admin.people_links import sign_in_link
from admin.responses import see_other
from core.settings import Settings
from core.user import User
from core.user_name import UserNameError

LIST = "/admin/users"
PAGE = 50


def create_user_pages(desk: Desk, settings: Settings) -> Blueprint:
    """The page and its buttons."""
    pages = Blueprint("users", __name__, url_prefix=LIST)
    pages.get("")(show_list)
    pages.post("")(_add(desk, settings))
    return pages


def show_list(problem: str = "") -> str:
    """One page of users, by a part of the name."""
    now = time.time()
    search = request.args.get("q", "").strip()[:100]
    number = request.args.get("page", "1")
    page = int(number) if number.isdecimal() and 0 < int(number) < 10**6 else 1
    found = [user for user in db.load_users() if _fits(user, search)]
    users = found[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "users.html",
        users=users,
        lets_in={user.id: user.may_sign_in(now) for user in users},
        cars=db.account_names({user.account_id for user in users if user.account_id}),
        sessions=db.count_sessions_by_user(now),
        asked=db.questions_today(now),
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
                check_new_password(password)
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
            desk.notices.leave(sign_in_link(user, settings))
        return see_other(LIST)

    return add


def _fits(user: User, search: str) -> bool:
    return any(search.casefold() in text for text in (user.name, user.note.casefold()))
