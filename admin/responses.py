"""What every answer of ours carries: a policy that lets nothing in, and no cache."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Flask, Response, make_response, redirect, request

from admin.visitor import current_visitor
from core.mirror_session import LIFE_SECONDS, cookie_name

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store, private",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with it browsers send `Origin: null` with forms, and we could not tell ours.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_YEAR = "public, max-age=31536000, immutable"


def harden(app: Flask) -> None:
    """Give every response of the app the headers above; versioned static files may be kept."""
    app.after_request(_add_headers)
    app.jinja_env.globals["asset"] = _asset_url(app)


def see_other(path: str) -> Response:
    """Send the browser to a page of ours with a GET."""
    return make_response(redirect(path, 303))


def set_session_cookie(response: Response, cookie_value: str) -> None:
    """Sign this browser in; what the last user of it left behind is cleared."""
    scheme = current_visitor().scheme
    response.set_cookie(
        cookie_name(scheme),
        cookie_value,
        max_age=int(LIFE_SECONDS),
        secure=scheme == "https",
        httponly=True,
        samesite="Lax",
        path="/",
    )
    _clear_site_data(response)


def drop_session_cookie(response: Response) -> None:
    """Sign this browser out."""
    scheme = current_visitor().scheme
    response.delete_cookie(
        cookie_name(scheme), secure=scheme == "https", httponly=True, samesite="Lax", path="/"
    )
    _clear_site_data(response)


def _clear_site_data(response: Response) -> None:
    if current_visitor().scheme == "https":  # browsers ignore it elsewhere
        response.headers["Clear-Site-Data"] = '"cache", "storage"'


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static" and response.status_code == 200 and "v" in request.args:
        response.headers["Cache-Control"] = _YEAR
    return response


def _asset_url(app: Flask) -> Callable[[str], str]:
    folder = Path(app.static_folder or "")

    @cache
    def asset(name: str) -> str:
        version = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]
        return f"{app.static_url_path}/{name}?v={version}"

    return asset
