"""`/api/…` as scripts written for dairoot's mirrors call it: log users in, add and list accounts.

Every call shows the admin password as its bearer. An e-mail's MD5 says which account is meant; it
is public knowledge and opens nothing.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, request

import db
from admin import api_input as read
from admin.api_input import InputError
from admin.car_list import rider
from admin.doctor.network import try_ways
from admin.error_pages import json_error
from admin.password_gate import TooManyTriesError, try_password
from admin.responses import drop_session_cookie, set_session_cookie
from admin.sign_in import end_current_session, new_session, welcome
from admin.visitor import current_visitor
from core.account import Account
from core.account_import import Outcome, read_items
from core.doctor.network import judge_trials, ways_out
from core.egress import EgressSpec
from core.egress_trial import EgressTrial
from core.same_origin import is_own_request
from core.settings import Settings
from core.sso_token import masked
from core.user import User
from core.user_name import UserNameError

_LINK_SECONDS = 60.0
_WORDS = {outcome: outcome.value for outcome in Outcome} | {Outcome.NEW: "added"}
type View = Callable[[], Response]


def create_api(settings: Settings) -> Blueprint:
    """The endpoints, with the admin password of these settings."""
    api = Blueprint("compatibility_api", __name__, url_prefix="/api")
    api.register_error_handler(InputError, lambda error: json_error(400, str(error)))
    api.register_error_handler(UserNameError, lambda error: json_error(400, str(error)))
    api.register_error_handler(TooManyTriesError, _too_many)
    guarded = _guard(settings)
    api.post("/login")(guarded(login))
    api.post("/login-v2")(guarded(login_with_token))
    api.post("/batch-add-grok-token")(guarded(add_accounts))
    api.route("/get-grok-list", methods=["GET", "POST"])(guarded(list_accounts))
    checked = _guard(settings, _password_in_url)
    api.route("/check-proxy", methods=["GET", "POST"])(checked(_check_proxy(settings)))
    api.post("/logout")(_logout(settings))
    api.get("/not-login")(use_link)
    return api


def login() -> Response:
    """Sign a user in on the account with this e-mail; the user is made when there is none."""
    body = read.json_object()
    name, digest = read.text(body, "user_name"), read.md5(body, "email_md5")
    account_id = read.account_of_email(digest, db.account_emails())
    if account_id is None:
        return json_error(404, "no account has an e-mail with this email_md5")
    return _logged_in(db.ensure_user(name), account_id)


def login_with_token() -> Response:
    """The same with an SSO token, which is added to the pool when it is new."""
    body = read.json_object()
    name, pasted = read.text(body, "user_name"), read.token(body, "sso_token")
    user = db.ensure_user(name)
    return _logged_in(user, db.add_account(pasted).id)


def add_accounts() -> Response:
    """Add many SSO tokens; one bad line does not stop the rest."""
    lines = read.text_list(read.json_object(read.LARGEST_BATCH), "sso_token_list")
    report = db.import_accounts(read_items(lines).findings)
    counts = {word: report.count(outcome) for outcome, word in _WORDS.items()}
    results = [_told(result) for result in report.results]
    return jsonify(code=0, msg="ok", **counts, results=results)


def list_accounts() -> Response:
    """One page of accounts, tokens masked."""
    body = request.args.to_dict() if request.method == "GET" else read.json_object(optional=True)
    page = read.number(body, "page", default=1, highest=1_000_000)
    page_size = read.number(body, "page_size", default=20, highest=200)
    accounts, total = db.account_page(page, page_size)
    shown = [_shown(account, time.time()) for account in accounts]
    return jsonify(code=0, msg="ok", total=total, page=page, page_size=page_size, data=shown)


def _check_proxy(settings: Settings) -> View:
    def check_proxy() -> Response:
        """How each egress reaches Grok; `status` 200 is what scripts and people look for."""
        ways = ways_out(db.load_egresses(), settings.proxy_url_pool)
        trials = try_ways(settings, ways)
        shown = [_shown_trial(spec, trial) for spec, trial in trials.items()]
        return jsonify(code=0, msg="ok", data=shown)

    return check_proxy


def use_link() -> Response:
    """ChatGPT-Mirror's way in: a GET that signs in. Ours works once and for a minute."""
    user = db.use_link(request.args.get("user_gateway_token", ""), time.time())
    if user is None:
        return json_error(401, "this link has been used or has expired")
    return welcome(user)


def _guard(settings: Settings, password: Callable[[], str] | None = None) -> Callable[[View], View]:
    def guarded(view: View) -> View:
        @wraps(view)
        def checked() -> Response:
            shown = (password or _bearer)()
            return view() if _is_admin(settings, shown) else _unauthorized()

        return checked

    return guarded


def _logout(settings: Settings) -> View:
    def logout() -> Response:
        """With the admin password: sign a user out everywhere. From a page: end its session."""
        if "Authorization" not in request.headers:
            return _sign_browser_out()
        if not _is_admin(settings, _bearer()):
            return _unauthorized()
        user = db.find_user(read.text(read.json_object(), "user_name"))
        ended = 0 if user is None else db.end_sessions_of(user.id)
        return jsonify(code=0, msg="ok", sessions=ended)

    return logout


def _sign_browser_out() -> Response:
    headers = request.headers
    own = current_visitor().origin
    if not is_own_request(own, headers.get("Origin"), headers.get("Sec-Fetch-Site")):
        return _unauthorized()
    end_current_session()
    response = jsonify(code=0, msg="ok")
    drop_session_cookie(response)
    return response


def _bearer() -> str:
    kind, _, password = request.headers.get("Authorization", "").partition(" ")
    # Headers arrive as Latin-1; the password was typed as UTF-8.
    password = password.strip().encode("latin-1", "replace").decode("utf-8", "replace")
    return password if kind.casefold() == "bearer" else ""


def _password_in_url() -> str:
    """As dairoot's FAQ has it, for a look with a browser; no log of ours keeps a query."""
    return _bearer() or request.args.get("admin_password", "")


def _is_admin(settings: Settings, password: str) -> bool:
    if not password:
        return False
    visitor = current_visitor()

    def verify() -> bool | None:
        return db.is_admin_password(settings, password) or None

    return bool(try_password(visitor.peer, verify))


def _unauthorized() -> Response:
    response = json_error(401, "send the header Authorization: Bearer <ADMIN_PASSWORD>")
    response.headers["WWW-Authenticate"] = 'Bearer realm="grok-mirror"'
    return response


def _too_many(block: TooManyTriesError) -> Response:
    response = json_error(429, f"too many wrong passwords; try again in {block.seconds} s")
    response.headers["Retry-After"] = str(block.seconds)
    return response


def _logged_in(user: User, account_id: int) -> Response:
    now = time.time()
    if not user.may_sign_in(now):
        return json_error(403, "this user is switched off or has expired")
    account = db.load_account(account_id)
    if account is None or not account.enabled or not rider(user).may_ride(account):
        return json_error(403, "this account is switched off, reserved, or in no pool of the user")
    db.assign_account(user.id, account_id, chosen=True)
    link = db.make_link(user.id, now, _LINK_SECONDS)
    origin = current_visitor().origin
    response = jsonify(code=0, msg="ok", user_name=user.name, login_url=f"{origin}/-/link/{link}")
    set_session_cookie(response, new_session(user))
    return response


def _told(result: db.ImportResult) -> dict[str, Any]:
    """What became of one item; what was pasted is never repeated."""
    told: dict[str, Any] = {"item": result.place, "result": _WORDS[result.outcome]}
    if result.reason is not None:
        return told | {"reason": str(result.reason)}
    return told | {"id": result.account_id}


def _shown(account: Account, now: float) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "email": account.email,
        "sso_token": masked(account.sso_token),
        "enabled": account.enabled,
        "status": "cooling" if account.is_cooling(now) else account.status.value,
        "reason": account.cooling_reason if account.is_cooling(now) else account.reason,
        "cooling_until": account.cooling_until if account.is_cooling(now) else None,
        "created_at": account.created_at,
        "last_used_at": account.last_used_at,
    }


def _shown_trial(spec: EgressSpec | None, trial: EgressTrial) -> dict[str, Any]:
    (finding,) = judge_trials({spec: trial})
    return {
        "proxy": spec.masked if spec else None,
        "status": trial.status,
        "verdict": trial.verdict.value,
        "milliseconds": trial.milliseconds,
        "exit_ip": trial.exit_address,
        "country": trial.country,
        "msg": finding.said("en"),
        "advice": finding.advice("en"),
    }
