"""What pages of Grok ask for that the route table does not know, and what of it may pass."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, render_template, request

import db
from admin.account_actions import Desk
from admin.notices import Notice
from admin.responses import see_other
from core.unknown_routes import EVENT

LIST = "/admin/routes"


def create_route_pages(desk: Desk) -> Blueprint:
    """The page and its buttons."""
    pages = Blueprint("routes", __name__, url_prefix=LIST)
    pages.get("")(show_list)
    pages.post("")(_forget(desk))
    pages.post("/<int:route_id>")(_act(desk))
    return pages


def show_list() -> str:
    """What is waiting, and what passes already."""
    routes = db.load_unknown_routes()
    return render_template(
        "routes.html",
        waiting=[one for one in routes if not one.allowed],
        allowed=[one for one in routes if one.allowed],
        event=EVENT,
    )


def _act(desk: Desk) -> Callable[[int], Response]:
    def act(route_id: int) -> Response:
        wish = request.form.get("do")
        if wish not in ("allow", "refuse"):
            abort(400)
        route = db.allow_unknown_route(route_id, allowed=wish == "allow")
        if route is None:
            abort(404)
        values: dict[str, object] = {"route": f"{route.method} {route.host}{route.path}"}
        key = "route_allowed" if wish == "allow" else "route_refused"
        desk.notices.leave(Notice(tone="ok", key=key, values=values))
        return see_other(LIST)

    return act


def _forget(desk: Desk) -> Callable[[], Response]:
    def forget() -> Response:
        if request.form.get("do") != "forget":
            abort(400)
        count = db.forget_unknown_routes()
        desk.notices.leave(Notice(tone="ok", key="routes_forgotten", values={"count": count}))
        return see_other(LIST)

    return forget
