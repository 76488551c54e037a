"""Further ways into the mirror: the site password before it, an invitation, a look as a guest."""

import logging
import time
from collections import Counter
from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, render_template, request

import db
from admin.language import text
from admin.new_password import check_new_password
from admin.password_gate import TooManyTriesError, try_password
from admin.responses import see_other
from admin.sign_in import welcome
from admin.visitor import current_visitor
from core.api_key import day_of
from core.login_throttle import peer_key
from core.mirror_session import LIFE_SECONDS
from core.same_origin import local_path
from core.settings import Settings
from core.site_password import ENTER, KIND, is_site_password, pass_text, site_cookie
from core.user import UserRules
from core.user_name import UserNameError

log = logging.getLogger(__name__)

GUESTS_OF_AN_ADDRESS, GUESTS_OF_ALL = 20, 1000
"""New ones within a day: whoever clears his cookies must not get questions without end."""


def create_ways_in(settings: Settings) -> Blueprint:
    """The pages that these settings open; the others are not there."""
    pages = Blueprint("ways_in", __name__)
    pages.get("/-/join")(ask_to_join)
    pages.post("/-/join")(join)
    if settings.site_password:
        pages.get(ENTER)(ask_password)
        pages.post(ENTER)(_enter(settings.site_password))
    if settings.guest_mode:
        pages.post("/-/guest")(_be_guest(settings))
    return pages


def has_open_invites() -> bool:
    """Whether the sign-in page should tell of invitations."""
    now = time.time()
    return any(invite.is_open(now) for invite in db.load_invites())


def ask_password() -> str:
    """The site password."""
    return render_template("enter.html", next=local_path(request.args.get("next"), ""))


def _enter(password: str) -> Callable[[], Response]:
    def enter() -> Response:
        shown, next_ = request.form.get("password", ""), local_path(request.form.get("next"), "")
        try:
            fits = _tried(lambda: is_site_password(shown, password) or None)
        except TooManyTriesError as block:
            return _wait(block, "enter.html", next=next_)
        if not fits:
            page = render_template("enter.html", next=next_, problem=text("enter_wrong"))
            return make_response(page, 401)
        response = see_other(next_ or "/")
        scheme = current_visitor().scheme
        response.set_cookie(
            site_cookie(scheme),
            db.seal_note(KIND, pass_text(password, time.time())),
            max_age=int(LIFE_SECONDS),
            secure=scheme == "https",
            httponly=True,
            samesite="Lax",
            path="/",
        )
        return response

    return enter


def ask_to_join() -> str:
    """A code, a name, a password."""
    return render_template("join.html", code=request.args.get("code", "")[:64], user_name="")


def join() -> Response:
    """Make oneself a user; a code that is not open counts like a wrong password."""
    form, now = request.form, time.time()
    code, name, password = (form.get(field, "") for field in ("code", "user_name", "password"))
    code = code.strip()[:64]
    shown = {"code": code, "user_name": name[:64]}
    try:
        if _tried(lambda: db.find_invite(code, now)) is None:
            return _not_joined(text("join_code_wrong"), 401, **shown)
        check_new_password(password)
        user = db.join(code, name, password, now)
    except TooManyTriesError as block:
        return _wait(block, "join.html", **shown)
    except UserNameError:
        return _not_joined(text("join_name_wrong"), 400, **shown)
    except db.UserExistsError:
        return _not_joined(text("join_name_taken"), 409, **shown)
    except ValueError as problem:
        return _not_joined(str(problem), 400, **shown)
    return welcome(user) if user else _not_joined(text("join_code_wrong"), 401, **shown)


def _be_guest(settings: Settings) -> Callable[[], Response]:
    came: Counter[str] = Counter()
    today = [""]

    def be_guest() -> Response:
        day, address = day_of(time.time()), peer_key(current_visitor().peer)
        if today != [day]:
            came.clear()
            today[:] = [day]
        if came[address] >= GUESTS_OF_AN_ADDRESS or came.total() >= GUESTS_OF_ALL:
            page = render_template("sign_in.html", next="", problem=text("guest_too_many"))
            return make_response(page, 429)
        rules = UserRules(day_limit=settings.guest_day_limit, pools=_guest_pools(settings))
        guest = db.add_guest(rules)
        came[address] += 1
        return welcome(guest, local_path(request.form.get("next"), ""))

    return be_guest


def _guest_pools(settings: Settings) -> frozenset[int]:
    if settings.guest_pool is None:
        return frozenset()
    pool = db.find_pool(settings.guest_pool)
    if pool is None:  # to give a guest every account instead would be worse
        log.error("GUEST_POOL names no pool; make it with `run.py pool add`")
        abort(503)
    return frozenset({pool.id})


def _tried[T](verify: Callable[[], T | None]) -> T | None:
    return try_password(current_visitor().peer, verify)


def _not_joined(problem: str, status: int, **shown: str) -> Response:
    return make_response(render_template("join.html", problem=problem, **shown), status)


def _wait(block: TooManyTriesError, template: str, **shown: str) -> Response:
    problem = text("too_many_tries", seconds=block.seconds)
    response = make_response(render_template(template, problem=problem, **shown), 429)
    response.headers["Retry-After"] = str(block.seconds)
    return response
