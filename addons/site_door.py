"""The password before everything else of the mirror, when SITE_PASSWORD is set."""

import time
from urllib.parse import quote

from mitmproxy.http import HTTPFlow

import db
from addons import flow_context, local_answers
from addons.flow_context import Door, FlowContext
from core.cookies import parse_cookie_header
from core.refusals import SITE_PASSWORD_REQUIRED
from core.site_password import ENTER, KIND, is_before_the_door, lets_by, site_cookie


class SiteDoor:
    """Asked once per browser. The API is left alone: its callers show keys."""

    def __init__(self, password: str) -> None:
        self._password = password

    def requestheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        if context.door is not Door.BROWSER or self._may_pass(flow, context):
            return
        if local_answers.wants_page(flow) and flow.request.method in ("GET", "HEAD"):
            target = f"{ENTER}?next={quote(context.path, safe='/')}"
            local_answers.redirect(flow, target, context.request_id)
        else:
            local_answers.refuse(flow, SITE_PASSWORD_REQUIRED, context.request_id)

    def _may_pass(self, flow: HTTPFlow, context: FlowContext) -> bool:
        shows_key = "authorization" in flow.request.headers
        if context.is_api or is_before_the_door(context.path, shows_key=shows_key):
            return True
        headers = flow.request.headers.get_all("cookie")
        name = site_cookie(context.mirror.scheme)
        shown = [v for header in headers for n, v in parse_cookie_header(header) if n == name]
        opened = (db.open_note(KIND, value) for value in shown[:2])
        return any(lets_by(text, self._password, time.time()) for text in opened)
