"""Requests that no row of the route table describes: what they looked like, and what the operator
has allowed of them.

A path is kept by its shape, with `{id}` for what may name somebody's object. What is allowed is a
`filter` without lists: ids in the path and everywhere else must be the caller's, and what bears
another's id is taken out of the answer. So allowing a path opens it, but not other people's things.
"""

import re
from dataclasses import dataclass

from core.routes import Do, Route

EVENT = "EVENT"
"""Instead of a method: something a page says on the chat socket."""
MOST_SEGMENTS = 12
_WORD = re.compile(r"[A-Za-z][A-Za-z_.-]{0,50}(?:-?v\d{1,2})?|v\d{1,2}|_next|_rsc")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_EVENT = re.compile(r"[a-z][\w.]{0,60}")


@dataclass(frozen=True, slots=True, order=True)
class UnknownRoute:
    """One shape. `path` is the event's name when `method` is EVENT."""

    method: str
    host: str
    path: str


def unknown_route(method: str, host: str, path: str) -> UnknownRoute | None:
    """The shape of a request (path without query); None for what could never be allowed."""
    segments = path.lstrip("/").split("/")
    if method not in _METHODS or len(segments) > MOST_SEGMENTS or not path.isascii():
        return None
    shaped = "/".join(part if _WORD.fullmatch(part) else "{id}" for part in segments)
    return UnknownRoute("GET" if method == "HEAD" else method, host, f"/{shaped}")


def unknown_event(name: str) -> UnknownRoute | None:
    """The same for an event of the chat socket."""
    return UnknownRoute(EVENT, "", name) if _EVENT.fullmatch(name) else None


def allowed_row(route: UnknownRoute) -> Route:
    """What a shape may do once the operator has allowed it."""
    methods = ("GET", "HEAD") if route.method == "GET" else (route.method,)
    return Route(path=route.path, do=Do.FILTER, methods=methods)
