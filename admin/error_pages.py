"""Answers what went wrong: a page for people, JSON below `/api/`; never a traceback or a reason
that could hold a secret."""

import logging
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

import db
from admin.visitor import current_visitor

log = logging.getLogger(__name__)
_WITH_TEXT = frozenset({400, 403, 404, 405, 413, 500, 503})


def explain_errors(app: Flask) -> None:
    """Handle every error of the app."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(db.StorageError, _storage_error)
    app.register_error_handler(Exception, _our_mistake)


def wants_json() -> bool:
    """Whether the caller is a script."""
    return request.path.startswith("/api/")


def json_error(status: int, message: str) -> Response:
    """`{"code": …, "msg": …}` with the status said twice: old scripts look only at the body."""
    response = jsonify(code=status, msg=message)
    response.status_code = status
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    response = _answer(status, error.description or error.name)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _storage_error(error: db.StorageError) -> Response:
    log.error("storage: %s", error)
    response = _answer(503, "the database does not answer at the moment")
    response.headers["Retry-After"] = "5"
    return response


def _our_mistake(error: Exception) -> Response:
    # No message and no traceback: they may hold what the user typed.
    log.error("%s on %s (request %s)", type(error).__name__, request.endpoint, _number())
    return _answer(500, "the mirror made a mistake")


def _answer(status: int, message: str) -> Response:
    if wants_json():
        return json_error(status, message)
    shown = status if status in _WITH_TEXT else (400 if status < 500 else 500)
    context: dict[str, Any] = {"status": status, "shown": shown, "request_number": _number()}
    return make_response(render_template("error.html", **context), status)


def _number() -> str:
    return current_visitor().request_id
