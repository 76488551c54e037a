"""The operator's pages, on an origin of their own: sign-in and an overview of the pool.

Refuses every host name it was not told, foreign requests, and two cookies of one name (a page on
another port of this host can plant one).
"""

import ipaddress
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    g,
    make_response,
    render_template,
    request,
)

import db
from admin.admin_sessions import AdminSessions
from admin.language import text
from admin.overview import overview
from admin.password_gate import TooManyTriesError, try_password
from admin.responses import see_other
from admin.usage_pages import usage_of
from admin.visitor import current_visitor
from core.mirror_session import secret_hash
from core.same_origin import is_own_request
from core.settings import Settings

_OPEN = frozenset({"console.healthz", "console.readyz", "console.form", "console.sign_in"})


def create_console(settings: Settings) -> Blueprint:
    """The pages for these settings."""
    console = Blueprint("console", __name__)
    sessions = AdminSessions()
    console.before_app_request(_door(settings, sessions))
    console.add_url_rule("/", "root", lambda: see_other("/admin"))
    console.add_url_rule("/healthz", "healthz", lambda: Response("ok", mimetype="text/plain"))
    console.add_url_rule("/readyz", "readyz", _ready)
    console.add_url_rule("/admin", "home", _home(settings))
    console.add_url_rule("/admin/sign-in", "form", _form(settings))
    sign_in, sign_out = _sign_in(settings, sessions), _sign_out(sessions)
    console.add_url_rule("/admin/sign-in", "sign_in", sign_in, methods=["POST"])
    console.add_url_rule("/admin/sign-out", "sign_out", sign_out, methods=["POST"])
    return console


def _door(settings: Settings, sessions: AdminSessions) -> Callable[[], Response | None]:
    def door() -> Response | None:
        _check_host(settings)
        if request.method not in ("GET", "HEAD"):
            _check_origin()
        if request.endpoint in _OPEN or request.endpoint == "static" or request.endpoint is None:
            return None
        if not sessions.is_alive(_cookie(), time.time()):
            return see_other("/admin/sign-in")
        g.operator = secret_hash(_cookie())
        return None

    return door


def _check_host(settings: Settings) -> None:
    """A name that is neither ours nor an address may be an attacker's that points here."""
    if settings.admin_same_origin and current_visitor().request_id:
        return  # came through the mirror, whose gate has checked the host
    host = urlsplit(current_visitor().origin).hostname or ""
    if host not in ("localhost", settings.admin_bind[0]) and not _is_address(host):
        abort(403)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _check_origin() -> None:
    headers = request.headers
    own = current_visitor().origin
    if not is_own_request(own, headers.get("Origin"), headers.get("Sec-Fetch-Site")):
        abort(403)


def _ready() -> Response:
    try:
        db.check()
    except db.StorageError:
        return Response("the database does not answer", 503, mimetype="text/plain")
    return Response("ok", mimetype="text/plain")


def _form(settings: Settings) -> Callable[[], str]:
    return lambda: _sign_in_page(settings)


def _home(settings: Settings) -> Callable[[], str]:
    def home() -> str:
        shown = overview(time.time(), settings.warnings)
        return render_template("overview.html", shown=shown, usage=usage_of())

    return home


def _sign_in(settings: Settings, sessions: AdminSessions) -> Callable[[], Response]:
    def sign_in() -> Response:
        password = request.form.get("password", "")
        try:
            good = try_password(
                current_visitor().peer,
                lambda: db.is_admin_password(settings, password) or None,
            )
        except TooManyTriesError as block:
            problem = text("too_many_tries", seconds=block.seconds)
            return make_response(_sign_in_page(settings, problem), 429)
        if not good:
            return make_response(_sign_in_page(settings, text("admin_wrong")), 401)
        return _signed_in(sessions.start(time.time()))

    return sign_in


def _signed_in(cookie_value: str) -> Response:
    response = see_other("/admin")
    secure = _is_https()
    response.set_cookie(
        _cookie_name(), cookie_value, secure=secure, httponly=True, samesite="Strict", path="/"
    )
    return response


def _sign_out(sessions: AdminSessions) -> Callable[[], Response]:
    def sign_out() -> Response:
        sessions.end(_cookie())
        response = see_other("/admin/sign-in")
        response.delete_cookie(
            _cookie_name(), secure=_is_https(), httponly=True, samesite="Strict", path="/"
        )
        return response

    return sign_out


def _sign_in_page(settings: Settings, problem: str = "") -> str:
    return render_template("admin_sign_in.html", problem=problem)


def _cookie() -> str:
    name = _cookie_name()
    values = request.cookies.getlist(name)
    if len(values) > 1:
        abort(400)
    return values[0] if values else ""


def _cookie_name() -> str:
    return "__Host-mirror_admin" if _is_https() else "mirror_admin"


def _is_https() -> bool:
    return current_visitor().scheme == "https"
