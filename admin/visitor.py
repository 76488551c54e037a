"""Who is asking, as told by the process in front; made once per request, believed only with proof.

The proxy proves itself with the per-boot secret. Nothing here looks at cookies or the database.
"""

import hmac
import re
from dataclasses import dataclass
from typing import Any

from flask import request

_KEY = "mirror.visitor"
_ORIGIN = re.compile(r"https?://(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One request's outside facts; a missing one is a mistake in our wiring, not a case."""

    origin: str
    """The origin the browser is on: `https://host[:port]`."""
    peer: str
    request_id: str = ""
    user_id: int | None = None
    session_id: int | None = None

    @property
    def scheme(self) -> str:
        return self.origin.partition("://")[0]

    def enter(self, environ: dict[str, Any]) -> None:
        """Put this visitor where the pages look for it."""
        environ[_KEY] = self


def current_visitor() -> Visitor:
    """The visitor of the request being answered."""
    visitor = request.environ[_KEY]
    assert isinstance(visitor, Visitor)
    return visitor


def visitor_from_proxy(environ: dict[str, Any], secret: str) -> Visitor | None:
    """What the proxy said, or None when it was not the proxy who said it."""
    shown = environ.get("HTTP_X_MIRROR_SECRET", "")
    if not secret or not hmac.compare_digest(shown.encode("latin-1"), secret.encode()):
        return None
    origin = environ.get("HTTP_X_MIRROR_ORIGIN", "")
    if not _ORIGIN.fullmatch(origin):
        return None
    return Visitor(
        origin=origin,
        peer=environ.get("HTTP_X_MIRROR_PEER", ""),
        request_id=environ.get("HTTP_X_MIRROR_REQUEST", "")[:64],
        user_id=_id(environ.get("HTTP_X_MIRROR_USER", "")),
        session_id=_id(environ.get("HTTP_X_MIRROR_SESSION", "")),
    )


def visitor_from_socket(environ: dict[str, Any]) -> Visitor:
    """Somebody who reached the admin socket himself."""
    host = environ.get("HTTP_HOST", "")
    return Visitor(
        origin=f"{environ.get('wsgi.url_scheme', 'http')}://{host}",
        peer=environ.get("REMOTE_ADDR", ""),
    )


def _id(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,18}", text) else None
