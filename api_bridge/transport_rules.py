"""What holds for every answer of the API, whatever it says: CORS, request ids, JSON errors.

CORS comes before any check of keys: a browser's preflight carries none.
"""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

import db
from api_bridge import not_offered
from api_bridge.errors import ApiError, BridgeError, api_error
from api_bridge.json_bytes import json_bytes
from core.cors import permission

log = logging.getLogger(__name__)

_PREFLIGHT_SECONDS = "86400"
_SLASHES = re.compile("/{2,}")

type Environ = dict[str, Any]
type Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def merge_slashes(app: Wsgi) -> Wsgi:
    """`/v1//chat/completions` is what some base URLs make; a redirect would lose the body."""

    def merged(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["PATH_INFO"] = _SLASHES.sub("/", environ.get("PATH_INFO", ""))
        return app(environ, start_response)

    return merged


def name_requests(app: Flask, new_id: Callable[[], str]) -> None:
    """Each answer tells the id under which the log speaks of it."""

    @app.before_request
    def name() -> None:
        g.request_id = request.headers.get("x-mirror-request") or new_id()

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["x-request-id"] = request_id = g.get("request_id", "")
        if _is_anthropic():
            response.headers["request-id"] = request_id
        return response


def allow_browsers(app: Flask, origins: tuple[str, ...]) -> None:
    """CORS, for all origins (`*`) or those listed."""

    @app.before_request
    def preflight() -> Response | None:
        is_preflight = "Access-Control-Request-Method" in request.headers
        return Response(status=204) if request.method == "OPTIONS" and is_preflight else None

    @app.after_request
    def permit(response: Response) -> Response:
        headers = response.headers
        permitted = permission(origins, request.headers.get("Origin", ""))
        headers.extend(permitted)
        if permitted and request.method == "OPTIONS":
            wanted = request.headers.get("Access-Control-Request-Headers", "*")
            headers["Access-Control-Allow-Headers"] = wanted
            headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
        return response


def explain_errors(app: Flask) -> None:
    """Every error is JSON with the four keys, the framework's own ones included."""

    @app.errorhandler(BridgeError)
    def ours(error: BridgeError) -> Response:
        return error_response(api_error(error))

    @app.errorhandler(db.StorageError)
    def storages(error: db.StorageError) -> Response:
        log.error("storage: %s", error)
        message = "The mirror's database does not answer at the moment. Try again shortly."
        return error_response(
            ApiError(503, "server_error", "storage_unavailable", message, retry_after=5)
        )

    @app.errorhandler(HTTPException)
    def frameworks(error: HTTPException) -> Response:
        response = error_response(_http_error(error))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response


def json_response(value: object, status: int = 200) -> Response:
    """An answer of JSON."""
    return Response(json_bytes(value), status, mimetype="application/json")


def error_response(error: ApiError) -> Response:
    """An error as an answer of its own, in the envelope that the asking client reads."""
    body = error.anthropic_body() if _is_anthropic() else error.body()
    response = json_response(body, error.status)
    response.headers.update(error.headers())
    return response


def _is_anthropic() -> bool:
    """Whether the client is one of Anthropic's: it says so, or asks for what only they do."""
    return "anthropic-version" in request.headers or not_offered.is_anthropic(request.path)


def _http_error(error: HTTPException) -> ApiError:
    status = error.code or 500
    kind = "invalid_request_error" if status < 500 else "server_error"
    where = f"({request.method} {request.path[:200]})"
    if status == 404 and (instead := not_offered.instead(request.path)):
        # Of a 404 Claude Code says that the model does not exist, of a 400 what it was told.
        status = 400 if not_offered.is_anthropic(request.path) else 404
        return ApiError(status, kind, "not_offered", instead)
    known = {
        404: ("unknown_url", f"Invalid URL {where}"),
        405: ("method_not_allowed", f"Not allowed method {where}"),
        413: ("request_too_large", "The request is too large."),
        500: ("internal_error", "Internal error."),
    }
    code, message = known.get(status, (None, error.description or error.name))
    return ApiError(status, kind, code, message)
