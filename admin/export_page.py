"""The operator's export: a file for the admin password, asked for again although he is signed in.

A browser left open, or a script that got into the page, must not carry the SSO tokens away.
"""

import time
from collections.abc import Callable

from flask import Blueprint, Response, make_response, render_template, request

import db
from admin.language import text
from admin.password_gate import TooManyTriesError, try_password
from admin.visitor import current_visitor
from core.account_export import FORMATS
from core.settings import Settings

_TYPES = {"json": "application/json", "txt": "text/plain", "csv": "text/csv"}


def create_export_page(settings: Settings) -> Blueprint:
    """`/admin/export`, for the operator's app."""
    pages = Blueprint("export_page", __name__, url_prefix="/admin/export")
    pages.add_url_rule("", "form", _form)
    pages.add_url_rule("", "download", _download(settings), methods=["POST"])
    return pages


def _form(problem: str = "", status: int = 200) -> Response:
    return make_response(render_template("export.html", problem=problem), status)


def _download(settings: Settings) -> Callable[[], Response]:
    def download() -> Response:
        password = request.form.get("password", "")
        try:
            good = try_password(
                current_visitor().peer,
                lambda: db.is_admin_password(settings, password) or None,
            )
        except TooManyTriesError as block:
            return _form(text("too_many_tries", seconds=block.seconds), 429)
        if not good:
            return _form(text("admin_wrong"), 401)
        return _file(request.form.get("format", ""))

    return download


def _file(format_: str) -> Response:
    write = FORMATS.get(format_)
    if write is None:
        return _form(text("error_400_lead"), 400)
    response = make_response(write(db.export_accounts()))
    name = time.strftime(f"grok-mirror-accounts-%Y%m%d-%H%M%S.{format_}", time.gmtime())
    response.headers["Content-Type"] = f"{_TYPES[format_]}; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
