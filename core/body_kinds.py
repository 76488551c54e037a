"""What kind of text a content type is, as far as rewriting it is concerned."""

import re
from enum import Enum
from functools import lru_cache


class BodyKind(Enum):
    """How a body's URLs are found."""

    HTML = "html"
    """Every mapped URL, plus the edits of a page."""
    TEXT = "text"
    """Every mapped URL: scripts, styles, flight payloads."""
    JSON = "json"
    """URL-valued fields only: the rest may be what a person wrote."""
    OPAQUE = "opaque"
    """Nothing is looked for but secrets; the length stays."""


_JSON = re.compile(r"application/(?:[\w.-]+\+)?(?:json|x-ndjson)|text/event-stream|text/plain")
_HTML = re.compile(r"text/html|application/xhtml\+xml")
_TEXT = re.compile(
    r"text/|image/svg\+xml|application/(?:javascript|x-javascript|ecmascript|xml|manifest\+json)"
)


@lru_cache(maxsize=256)
def body_kind(content_type: str) -> BodyKind:
    """The kind of a `Content-Type` value; an absent one is opaque."""
    lowered = content_type.lower().strip()
    if _HTML.match(lowered):
        return BodyKind.HTML
    if lowered.startswith("application/manifest+json"):
        return BodyKind.TEXT
    if _JSON.match(lowered):
        return BodyKind.JSON
    return BodyKind.TEXT if _TEXT.match(lowered) else BodyKind.OPAQUE


@lru_cache(maxsize=256)
def charset_of(content_type: str) -> str | None:
    """The charset label, lower-cased, or None."""
    found = re.search(r"(?i);\s*charset\s*=\s*\"?([\w.:+-]+)", content_type)
    return found[1].lower() if found else None
