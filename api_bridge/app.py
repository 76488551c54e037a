"""Puts the chat API together as a Flask app: at `/v1` and bare, behind the operator's prefix."""

from flask import Flask

from api_bridge.call_log import name_calls
from api_bridge.chat_api import ApiOptions, ChatApi, Collaborators
from api_bridge.image_api import ImageApi
from api_bridge.transport_rules import (
    allow_browsers,
    explain_errors,
    merge_slashes,
    name_requests,
)

LARGEST_REQUEST = 32 * 2**20


def create_app(others: Collaborators, options: ApiOptions | None = None) -> Flask:
    """The app, at `/v1` and bare, behind the operator's prefix if there is one."""
    options = options or ApiOptions()
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    name_requests(app, others.new_id)
    name_calls(app)
    allow_browsers(app, options.cors_origins)
    explain_errors(app)
    prefix = options.prefix.strip("/")
    base = f"/{prefix}" if prefix else ""
    api = ChatApi(others, options)
    images = ImageApi(others.grok, others.callers, others.images, options.models, others.now)
    for name, path in (("v1", f"{base}/v1"), ("bare", base)):
        routes = api.routes(name)
        images.add_routes(routes)
        app.register_blueprint(routes, url_prefix=path or None)
    app.wsgi_app = merge_slashes(app.wsgi_app)  # type: ignore[assignment,method-assign]
    return app
