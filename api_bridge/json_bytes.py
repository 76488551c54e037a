"""JSON as it leaves us: compact, readable, and never impossible to encode."""

import json
import re

_LINE_ENDS = re.compile("[\u0085\u2028\u2029]")
"""Many readers of lines take these for ends of lines too; in JSON they may always be escaped."""


def json_bytes(value: object) -> bytes:
    """The value as UTF-8; escaped where a piece of text ends within a surrogate pair."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return _LINE_ENDS.sub(_escaped, text).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
