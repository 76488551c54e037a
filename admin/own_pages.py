"""What a signed-in user sees of the mirror itself: his cars, himself and his browsers."""

import time

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
from admin.car_list import cars_of
from admin.language import text
from admin.people_wishes import pool_names
from admin.responses import drop_session_cookie, see_other
from admin.visitor import current_visitor
from core.account import Account
from core.allowance import seconds_until_reset
from core.api_key import ApiKey
from core.car import Car, recommended
from core.mirror_session import MirrorSession
from core.user import User

pages = Blueprint("own_pages", __name__)


@pages.before_request
def require_session() -> Response | None:
    """Load the session the proxy has named; it is asked again, so that a revoked one ends here."""
    visitor = current_visitor()
    session = None
    if visitor.session_id is not None:
        session = db.load_session(visitor.session_id, time.time())
    if session is None or session.user_id != visitor.user_id:
        return see_other(f"/-/sign-in?next={request.path}")
    g.session = session
    return None


@pages.get("/-/cars")
def cars() -> str:
    """All cars, the automatic choice first."""
    return _cars_page()


@pages.post("/-/cars")
def choose_car() -> Response:
    """Tie the user to a car, or let the pool pick again."""
    wanted, user_id = request.form.get("car", ""), _session().user_id
    if wanted == "automatic":
        db.assign_account(user_id, None)
        return see_other("/")
    if not any(str(car.id) == wanted and car.can_be_chosen for car in _cars()):
        return make_response(_cars_page(problem=text("car_unknown")), 404)
    db.assign_account(user_id, int(wanted), chosen=True)
    return see_other("/")


@pages.get("/-/me")
def me() -> str:
    """Who I am, what I may have and have used, my car, my keys and my browsers."""
    user, now = current_user(), time.time()
    keys = [key for key in db.load_api_keys() if key.user_id == user.id]
    return render_template(
        "me.html",
        user=user,
        car=_account(user),
        pools=pool_names(user.rules.pools),
        usage=db.user_usage(user.id, now),
        midnight=now + seconds_until_reset("day", now),
        first=now + seconds_until_reset("month", now),
        keys=keys,
        key_use={key.id: db.api_key_usage(key.id, now) for key in keys},
        dead_keys={key.id for key in keys if not _works(key, now)},
        sessions=db.sessions_of(user.id, now),
        session=_session(),
        archive=archive_of(user.id),
    )


def archive_of(user_id: int) -> dict[str, object]:
    """Whether copies of his conversations are kept, and what there is."""
    copies = len(db.list_archived(user_id))
    return {"on": db.wants_archive(user_id), "count": copies, "size": db.archive_size(user_id)}


def _works(key: ApiKey, now: float) -> bool:
    return key.enabled and (key.rules.expires_at is None or key.rules.expires_at > now)


@pages.post("/-/me/sessions/<int:session_id>/end")
def end_session(session_id: int) -> Response:
    """Sign one of my browsers out."""
    if not db.end_session(session_id, _session().user_id):
        abort(404)
    return _signed_out() if session_id == _session().id else see_other("/-/me")


@pages.post("/-/me/sessions/end-all")
def end_all_sessions() -> Response:
    """Sign all my browsers out, this one too."""
    db.end_sessions_of(_session().user_id)
    return _signed_out()


def _signed_out() -> Response:
    response = see_other("/-/sign-in")
    drop_session_cookie(response)
    return response


def _cars_page(problem: str = "") -> str:
    shown = _cars()
    return render_template(
        "cars.html", cars=shown, best=recommended(shown), user=current_user(), problem=problem
    )


def _cars() -> list[Car]:
    return cars_of(current_user(), db.count_users_by_account())


def _account(user: User) -> Account | None:
    return None if user.account_id is None else db.load_account(user.account_id)


def _session() -> MirrorSession:
    session: MirrorSession = g.session
    return session


def current_user() -> User:
    """Whose session it is."""
    user = db.load_user(_session().user_id)
    assert user is not None, "a living session has a user"
    return user
