"""Puts the two Flask apps together: the users' door and the operator's.

They share templates and nothing else; which one a request gets is decided in `sidecar`.
"""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from admin import (
    account_pages,
    archive_pages,
    badge,
    compatibility_api,
    console,
    doctor_page,
    egress_pages,
    own_pages,
    sign_in,
    user_pages,
)
from admin.account_actions import Desk
from admin.carry_on import CarryOn
from admin.conversation_pages import create_conversation_pages
from admin.doctor.grok import AskOnce
from admin.egress_trial import EgressTrials
from admin.error_pages import explain_errors
from admin.export_page import create_export_page
from admin.grok_calls import GrokCalls
from admin.grok_history import GrokHistory
from admin.import_page import create_import_pages
from admin.invite_pages import create_invite_pages
from admin.key_pages import create_key_pages
from admin.language import speak
from admin.library import Library
from admin.moments import tell_time
from admin.notices import Notices, show_notices
from admin.password_gate import guard_passwords
from admin.pool_pages import create_pool_pages
from admin.record_pages import create_record_pages
from admin.responses import harden
from admin.route_pages import create_route_pages
from admin.usage_pages import create_usage_pages
from admin.user_page import create_user_page
from admin.ways_in import create_ways_in, has_open_invites
from core.carried_on import Begin
from core.conversation_files import readable
from core.settings import Settings
from core.wiring import Wiring

_HERE = Path(__file__).parent
_LARGEST_FORM = 64 * 1024


def create_user_app(
    settings: Settings, wiring: Wiring | None = None, begin: Begin | None = None
) -> Flask:
    """`/-/…` and `/api/…`, reached through the proxy only.

    Without `wiring` conversations cannot be read; `begin` starts one, by the chat API's transports.
    """
    app = _base(settings, "/-/static")
    app.register_blueprint(sign_in.pages)
    app.register_blueprint(own_pages.pages)
    app.register_blueprint(create_ways_in(settings))
    library = Library(GrokHistory(wiring))
    app.register_blueprint(create_conversation_pages(library, CarryOn(begin)))
    app.register_blueprint(badge.pages)
    app.register_blueprint(archive_pages.create_archive_pages(settings.archive_mb))
    app.jinja_env.globals["archive_mb"] = settings.archive_mb
    app.jinja_env.filters["readable"] = readable
    app.jinja_env.globals["has_guests"] = settings.guest_mode
    app.jinja_env.globals["has_invites"] = has_open_invites
    app.register_blueprint(compatibility_api.create_api(settings))
    return app


def create_admin_app(
    settings: Settings, wiring: Wiring | None = None, ask_once: AskOnce | None = None
) -> Flask:
    """`/admin…`, on a socket of its own unless ADMIN_SAME_ORIGIN says otherwise.

    Without `wiring` the proxy cannot be asked, and tests of accounts say so. `ask_once` puts a
    question to Grok by the chat API, which is none of our business.
    """
    app = _base(settings, "/admin/static")
    desk = Desk(notices=Notices(), grok=GrokCalls(wiring))
    show_notices(app, desk.notices)
    app.jinja_env.globals["is_served"] = lambda path: _is_served(app, path)
    app.jinja_env.globals["warn"] = settings.admin_same_origin
    app.register_blueprint(console.create_console(settings))
    app.register_blueprint(account_pages.create_account_pages(desk))
    app.register_blueprint(user_pages.create_user_pages(desk, settings))
    app.register_blueprint(create_user_page(desk, settings))
    app.register_blueprint(create_pool_pages(desk))
    app.register_blueprint(create_invite_pages(desk, settings))
    app.register_blueprint(egress_pages.create_egress_pages(desk, EgressTrials(settings)))
    app.register_blueprint(create_key_pages(desk, settings))
    app.register_blueprint(create_record_pages(settings))
    app.register_blueprint(create_usage_pages())
    app.register_blueprint(create_route_pages(desk))
    app.register_blueprint(doctor_page.create_doctor_page(settings, wiring, ask_once))
    app.register_blueprint(create_import_pages())
    app.register_blueprint(create_export_page(settings))
    return app


def _is_served(app: Flask, path: str) -> bool:
    """Whether there is such a page: the navigation shows no others."""
    return app.url_map.bind("").test(path, "GET")


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
