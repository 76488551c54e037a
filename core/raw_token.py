"""Whether a bearer may be somebody's own SSO token, and is certainly not one of our keys mistyped.

What passes here is sent to Grok. A wrong guess would tell Grok an operator's key, so anything that
is not plainly a token, or comes near a key of ours, stays.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable

from core.api_key import MARK
from core.sso_token import is_sso_token

_NEAR = 0.8
"""The part of a key that may be right before we take the whole for the key with a slip in it."""
_MEANINGFUL = 8
"""Shorter strings occur in one another by chance."""


def may_be_raw_token(text: str, keys: Iterable[str]) -> bool:
    """A JWT whose first two parts are JSON objects, and no relative of `keys`."""
    if not is_sso_token(text) or text.casefold().startswith(MARK):
        return False
    head, payload, _ = text.split(".")
    if "alg" not in _object(head) or not _object(payload):
        return False
    return not any(resembles(text, key) for key in keys)


def resembles(text: str, key: str) -> bool:
    """Whether `text` holds the key, is held by it, or is the key with one part of it wrong."""
    ours, theirs = _core(key), _core(text)
    if ours == theirs:
        return True
    shorter, longer = sorted((ours, theirs), key=len)
    if len(shorter) >= _MEANINGFUL and shorter in longer:
        return True
    same = _same_at_start(ours, theirs)
    rest = min(len(ours), len(theirs)) - same
    same += min(rest, _same_at_start(ours[::-1], theirs[::-1]))
    return bool(longer) and same >= _NEAR * len(longer)


def _core(text: str) -> str:
    """Without what all tokens share, and what gets lost in copying."""
    if is_sso_token(text):
        text = text.partition(".")[2]
    return "".join(filter(str.isalnum, text)).casefold()


def _same_at_start(a: str, b: str) -> int:
    return next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(map(len, (a, b)))
    )


def _object(part: str) -> dict[str, object]:
    try:
        value = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
