"""How a user comes in and goes out: password, one-time link, sign-out. All POSTs are our own."""

import time

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    render_template,
    request,
)

import db
from admin.car_list import cars_of
from admin.language import text
from admin.password_gate import TooManyTriesError, try_password
from admin.responses import drop_session_cookie, see_other, set_session_cookie
from admin.visitor import current_visitor
from core.mirror_session import short_user_agent
from core.same_origin import is_own_request, local_path
from core.user import User
from core.user_name import UserNameError, normal_form

pages = Blueprint("sign_in", __name__)


@pages.before_app_request
def refuse_foreign_posts() -> None:
    """CSRF: what changes something must come from a page of this origin; scripts show a key."""
    if request.method in ("GET", "HEAD") or request.path.startswith("/api/"):
        return
    headers = request.headers
    own = current_visitor().origin
    if not is_own_request(own, headers.get("Origin"), headers.get("Sec-Fetch-Site")):
        abort(403)


@pages.get("/-/sign-in")
def form() -> str:
    """User name and password."""
    return render_template("sign_in.html", next=local_path(request.args.get("next"), ""))


@pages.post("/-/sign-in")
def submit() -> Response:
    """Try a password."""
    name, password = request.form.get("user_name", ""), request.form.get("password", "")
    now = time.time()
    try:
        user = try_password(current_visitor().peer, lambda: _checked(name, password, now))
    except TooManyTriesError as block:
        response = _again(name, text("too_many_tries", seconds=block.seconds), 429)
        response.headers["Retry-After"] = str(block.seconds)
        return response
    if user is None:
        return _again(name, text("wrong_password"), 401)
    return welcome(user, local_path(request.form.get("next"), ""))


@pages.get("/-/link/<token>")
def link(token: str) -> Response:
    """Ask before the link is used up: chat programs open every link they see."""
    user = db.find_link(token, time.time())
    if user is None:
        return make_response(render_template("link_dead.html"), 404)
    return make_response(render_template("link.html", user=user))


@pages.post("/-/link/<token>")
def use_link(token: str) -> Response:
    """Sign in once."""
    user = db.use_link(token, time.time())
    if user is None:
        return make_response(render_template("link_dead.html"), 404)
    return welcome(user)


@pages.get("/-/sign-out")
def ask_sign_out() -> str:
    """Ask before signing out: a picture on a page could point here."""
    return render_template("sign_out.html")


@pages.post("/-/sign-out")
def sign_out() -> Response:
    """End this mirror session; Grok hears nothing of it."""
    end_current_session()
    response = see_other("/-/sign-in")
    drop_session_cookie(response)
    return response


def welcome(user: User, next_path: str = "") -> Response:
    """Sign the user in with a new session; whoever was signed in here before is signed out."""
    end_current_session()
    response = see_other(next_path or _first_page(user))
    set_session_cookie(response, new_session(user))
    return response


def new_session(user: User) -> str:
    """A fresh cookie value for this user and browser."""
    user_agent = short_user_agent(request.headers.get("User-Agent", ""))
    return db.start_session(user.id, time.time(), user_agent)


def end_current_session() -> None:
    """Forget the session this request came with; its cookie is worth nothing from now on."""
    visitor = current_visitor()
    if visitor.user_id is not None and visitor.session_id is not None:
        db.end_session(visitor.session_id, visitor.user_id)


def _checked(name: str, password: str, now: float) -> User | None:
    try:
        normal = normal_form(name)
    except UserNameError:
        normal = ""  # nobody's name: checked all the same, so that it takes as long
    return db.check_password(normal, password, now)


def _again(name: str, problem: str, status: int) -> Response:
    page = render_template(
        "sign_in.html",
        user_name=name[:64],
        problem=problem,
        next=local_path(request.form.get("next"), ""),
    )
    return make_response(page, status)


def _first_page(user: User) -> str:
    """Who has never chosen among several cars is asked once; everybody else goes to Grok."""
    if user.account_id is not None:
        return "/"
    return "/-/cars" if len(cars_of(user)) > 1 else "/"
