"""Addresses of Grok's images on the mirror, for people who are signed in there."""

from urllib.parse import urlsplit

from api_bridge.events import Image

_ASSETS = "assets.grok.com"


class MirrorLinks:
    """`host` is the operator's public address, which wins over the one a request came to."""

    def __init__(self, host: str | None) -> None:
        self._host = host

    def url_of(self, image: Image, mirror_origin: str) -> str:
        origin = self._host or mirror_origin
        parts = urlsplit(image.url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{origin}/-/{parts.hostname or _ASSETS}/{parts.path.lstrip('/')}{query}"
