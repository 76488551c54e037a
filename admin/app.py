"""Puts the two Flask apps together: the users' door and the operator's.

They share templates and nothing else; which one a request gets is decided in `sidecar`.
"""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from admin import compatibility_api, console, own_pages, sign_in
from admin.error_pages import explain_errors
from admin.export_page import create_export_page
from admin.import_page import create_import_pages
from admin.language import speak
from admin.moments import tell_time
from admin.password_gate import guard_passwords
from admin.responses import harden
from core.settings import Settings

_HERE = Path(__file__).parent
_LARGEST_FORM = 64 * 1024


def create_user_app(settings: Settings) -> Flask:
    """`/-/…` and `/api/…`, reached through the proxy only."""
    app = _base(settings, "/-/static")
    app.register_blueprint(sign_in.pages)
    app.register_blueprint(own_pages.pages)
    app.register_blueprint(compatibility_api.create_api(settings))
    return app


def create_admin_app(settings: Settings) -> Flask:
    """`/admin…`, on a socket of its own unless ADMIN_SAME_ORIGIN says otherwise."""
    app = _base(settings, "/admin/static")
    app.register_blueprint(console.create_console(settings))
    app.register_blueprint(create_import_pages())
    app.register_blueprint(create_export_page(settings))
    return app


def _base(settings: Settings, static_path: str) -> Flask:
    app = Flask(
        __name__,
        static_folder=str(_HERE / "static"),
        static_url_path=static_path,
        template_folder=str(_HERE / "templates"),
    )
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_FORM
    app.jinja_env.undefined = StrictUndefined
    guard_passwords(app)
    harden(app)
    speak(app)
    tell_time(app, settings.tz)
    explain_errors(app)
    return app
