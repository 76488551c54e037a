"""Which pages of other sites may read what the API answers (CORS). Pure."""

from collections.abc import Sequence

_EXPOSED = "x-request-id, retry-after, x-should-retry, x-conversation-id, x-message-id"


def permission(allowed: Sequence[str], origin: str) -> list[tuple[str, str]]:
    """The headers by which a page of `origin` may read an answer; none when it may not. `allowed`
    are origins; `*` stands for all of them."""
    if "*" not in allowed and origin not in allowed:
        return []
    return [
        ("Access-Control-Allow-Origin", "*" if "*" in allowed else origin),
        ("Access-Control-Expose-Headers", _EXPOSED),
        ("Vary", "Origin"),
    ]
