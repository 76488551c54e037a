"""JSON as it leaves us: compact, readable, and never impossible to encode."""

import json


def json_bytes(value: object) -> bytes:
    """The value as UTF-8; escaped where a piece of text ends within a surrogate pair."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()
