"""Which names carry a URL: keys of JSON objects and names of query parameters.

Everything else may be what a person wrote, and is never looked into.
"""

URL_ENDINGS = (
    *("url", "uri", "href", "src", "link"),
    *("urls", "uris", "hrefs", "links"),
    "favicon",
)
"""A key that ends so (any case) holds a URL, or a list of them: imageUrl, hdMediaUrl, fileUris."""

REDIRECT_NAMES = frozenset(
    {"redirect", "redirectto", "redirect_to", "return", "returnto", "return_to", "next", "continue"}
)
"""Query parameters that say where to go afterwards."""


def is_url_name(name: str) -> bool:
    """True for a query parameter that holds a URL."""
    lowered = name.lower()
    return lowered.endswith(URL_ENDINGS) or lowered in REDIRECT_NAMES
