"""Masks secrets in text that is about to be logged: the known ones and what looks like one."""

import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "***"
_SHORTEST = 6  # masking every "abc" would say more about the secret than it hides

# The last one keeps nginx's error lines, which quote the request, free of query strings.
_SHAPES = (
    (re.compile(r"(?i)\b(sso(?:-rw)?|mirror_session|cf_clearance)=[^;\s\"',]+"), r"\1=" + MASK),
    (re.compile(r"(/-/link/)[^/?\s\"']+"), r"\1" + MASK),
    (re.compile(r"(?i)(authorization:\s*\w+\s+)\S+"), r"\1" + MASK),
    (re.compile(r"([a-z][a-z0-9+.]*://)[^/\s@\"']+@", re.IGNORECASE), r"\1" + MASK + "@"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), MASK),
    (re.compile(r"(request: \"\S+ [^\s?\"]*\?)[^\s\"]*"), r"\1" + MASK),
)


class Redactor:
    """Replaces every known secret, also percent-encoded, and everything shaped like one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {text for secret in secrets for text in (secret, quote(secret, safe=""))}
        usable = sorted((s for s in spellings if len(s) >= _SHORTEST), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, usable))) if usable else None

    def __call__(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return text
