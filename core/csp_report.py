"""Reads what a browser reports about a blocked request: the host that a page tried to reach."""

import json
from urllib.parse import urlsplit

MOST_BYTES = 16_384


def blocked_host(body: bytes) -> str | None:
    """The host of `blocked-uri`, or its keyword (`inline`, `eval`); None for what is no report."""
    if len(body) > MOST_BYTES:
        return None
    try:
        report = json.loads(body)
    except ValueError:
        return None
    inner = report.get("csp-report") if isinstance(report, dict) else None
    uri = inner.get("blocked-uri") if isinstance(inner, dict) else None
    if not isinstance(uri, str) or not uri:
        return None
    try:
        host = urlsplit(uri).hostname or uri
    except ValueError:
        return None
    printable = "".join(c for c in host if c.isascii() and c.isprintable())
    return printable[:100] or None
