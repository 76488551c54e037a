"""The ways Grok says no, as ready-made answers: one table, one name for each.

The bodies follow the recorded ones; nothing here decides when a refusal is due.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

CHALLENGE_PAGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
    '<script src="/cdn-cgi/challenge-platform/h/g/orchestrate/x.js"></script></body></html>'
)
NGINX_403 = (
    "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n"
    "<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center>\r\n"
    "</body>\r\n</html>\r\n"
)
BAD_GATEWAY_PAGE = (
    "<html><head><title>grok.com | 502: Bad gateway</title></head><body></body></html>"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that ends a request before its handler: a status and a JSON body."""

    status: int
    code: int
    message: str
    wrapped: bool = False

    def body(self) -> dict[str, Any]:
        error = {"code": self.code, "message": self.message, "details": []}
        return {"error": error} if self.wrapped else error


REFUSALS: Mapping[str, Refusal] = {
    "signed_out": Refusal(401, 16, "No credentials [WKE=unauthenticated:no-credentials]"),
    "expired": Refusal(
        401, 16, "Session is not valid [WKE=unauthenticated:bad-credentials]", wrapped=True
    ),
    "blocked": Refusal(403, 7, "User is blocked [WKE=unauthorized:blocked-user]"),
    "antibot": Refusal(403, 7, "Request rejected by anti-bot rules.", wrapped=True),
    "noaccess": Refusal(403, 7, "Upgrade your plan to use this mode.", wrapped=True),
    "429": Refusal(429, 8, "Too many requests", wrapped=True),
    "not_found": Refusal(404, 5, "Conversation not found"),
    "invalid": Refusal(400, 3, "Invalid argument"),
}

REFUSAL_NAMES = frozenset(REFUSALS) | {"cf", "5xx"}


def refuse(name: str, *, retry_after: str = "") -> web.Response:
    """The answer with this name; `cf` and `5xx` are HTML, the others JSON."""
    if name == "cf":
        return challenge()
    if name == "5xx":
        return web.Response(status=502, text=BAD_GATEWAY_PAGE, content_type="text/html")
    refusal = REFUSALS[name]
    headers = {"Retry-After": retry_after} if retry_after and refusal.status == 429 else None
    return json_answer(refusal.body(), status=refusal.status, headers=headers)


def challenge() -> web.Response:
    """Cloudflare's page."""
    headers = {"cf-mitigated": "challenge", "X-Frame-Options": "SAMEORIGIN"}
    return web.Response(status=403, text=CHALLENGE_PAGE, content_type="text/html", headers=headers)


def json_answer(
    value: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Compact UTF-8 JSON, as Grok writes it: no ASCII escapes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)
