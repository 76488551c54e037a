"""The page of one user: what he may have and has used, how he comes in, and his API keys."""

import time
from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, render_template, request

import db
from admin.account_actions import Desk
from admin.language import text
from admin.new_password import check_new_password
from admin.notices import Notice
from admin.people_form import KNOWN_MODES, shown_end, wishes_of_form
from admin.people_links import LIFETIMES, USES, sign_in_link
from admin.responses import see_other
from core.settings import Settings
from core.user import User

LIST = "/admin/users"
type Deed = Callable[[User], Notice]


def create_user_page(desk: Desk, settings: Settings) -> Blueprint:
    """The page and its buttons; those of the list come here too."""
    pages = Blueprint("user", __name__, url_prefix=LIST)
    pages.get("/<int:user_id>")(show)
    pages.post("/<int:user_id>")(_act(desk, _deeds(settings)))
    return pages


def show(user_id: int, problem: str = "") -> str:
    """Everything about one user but his secrets."""
    user, now = _user(user_id), time.time()
    car = None if user.account_id is None else db.load_account(user.account_id)
    return render_template(
        "user.html",
        user=user,
        lets_in=user.may_sign_in(now),
        car=car,
        usage=db.user_usage(user_id, now),
        days=db.user_days(user_id),
        sessions=db.sessions_of(user_id, now),
        keys=[key for key in db.load_api_keys() if key.user_id == user_id],
        pools=db.load_pools(),
        modes=tuple(dict.fromkeys((*KNOWN_MODES, *user.rules.modes))),
        ends=shown_end(user.expires_at),
        lifetimes=LIFETIMES,
        uses=USES,
        problem=problem,
    )


def _act(desk: Desk, deeds: dict[str, Deed]) -> Callable[[int], Response]:
    def act(user_id: int) -> Response:
        user = _user(user_id)
        do = request.form.get("do", "")
        if do == "delete" and request.form.get("confirmed") != "yes":
            return make_response(_confirmation(user))
        deed = deeds.get(do)
        if deed is None:
            abort(400)
        try:
            notice = deed(user)
        except ValueError as problem:
            return make_response(show(user_id, str(problem)), 400)
        desk.notices.leave(notice)
        is_gone = do == "delete" or request.form.get("one") != "yes"
        return see_other(LIST if is_gone else f"{LIST}/{user_id}")

    return act


def _deeds(settings: Settings) -> dict[str, Deed]:
    return {
        "enable": lambda user: _switched(user, enabled=True),
        "disable": lambda user: _switched(user, enabled=False),
        "link": lambda user: sign_in_link(user, settings),
        "forget_links": _forget_links,
        "password": _set_password,
        "save": _save,
        "sign_out": _sign_out,
        "delete": _delete,
    }


def _switched(user: User, *, enabled: bool) -> Notice:
    db.set_user_enabled(user.id, enabled=enabled)
    return _said(user, "user_enabled" if enabled else "user_disabled")


def _forget_links(user: User) -> Notice:
    db.forget_links(user.id)
    return _said(user, "user_links_forgotten")


def _set_password(user: User) -> Notice:
    password = request.form.get("password", "")
    check_new_password(password)
    db.set_password(user.id, password)
    return _said(user, "user_password_set")


def _save(user: User) -> Notice:
    wishes_of_form(user.expires_at).apply(user, time.time())
    return _said(user, "user_saved")


def _sign_out(user: User) -> Notice:
    db.end_sessions_of(user.id)
    return _said(user, "user_signed_out")


def _delete(user: User) -> Notice:
    db.delete_user(user.id)
    return _said(user, "user_deleted")


def _confirmation(user: User) -> str:
    traces = db.user_traces(user.id)
    what = text(
        "user_traces",
        name=user.display_name,
        sessions=traces.sessions,
        keys=traces.keys,
        objects=traces.objects,
    )
    if traces.private_accounts:
        what += " " + text("user_traces_private", names=", ".join(traces.private_accounts))
    return render_template(
        "confirm.html",
        key="confirm_user_delete",
        what=what,
        target=f"{LIST}/{user.id}",
        do="delete",
        fields=[],
        back=f"{LIST}/{user.id}",
    )


def _said(user: User, key: str) -> Notice:
    return Notice(tone="ok", key=key, values={"name": user.display_name})


def _user(user_id: int) -> User:
    return db.load_user(user_id) or abort(404)
