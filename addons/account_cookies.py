"""Keeps what the upstream sets: Set-Cookie goes into the account's jar, not to the browser.

Runs before the answer's headers are built from the allow-list, which has no Set-Cookie; the few
lines that are the browser's own wait in the context.
"""

from collections.abc import Callable

from mitmproxy.http import HTTPFlow

from addons import flow_context
from addons.jars import Jars
from core.cookies import absorb, browser_line, secret_values
from core.mirror_config import MirrorConfig


class AccountCookies:
    """Fills `context.set_cookies` and, with what is new in the jar, `context.secrets`."""

    def __init__(self, jars: Jars, config: Callable[[], MirrorConfig]) -> None:
        self._jars = jars
        self._config = config

    def responseheaders(self, flow: HTTPFlow) -> None:
        context = flow_context.of(flow)
        assert flow.response
        lines = flow.response.headers.get_all("set-cookie")
        if context.account is None or not (context.account.is_stored and lines):
            return
        if context.isolated and context.route and context.route.anonymous:
            return  # what Grok gives a stranger is not the account's
        jar = self._jars.of(context.account)
        absorbed = absorb(jar, lines, self._config().browser_cookies)
        secure = context.mirror.scheme == "https"
        context.set_cookies = [browser_line(c, secure=secure) for c in absorbed.for_browser]
        if absorbed.jar != jar:
            self._jars.keep(context.account, absorbed.jar)
            context.secrets |= secret_values(absorbed.jar)
