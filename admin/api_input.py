"""Reads the bodies of `/api/…`: each value or one clear sentence on what is wrong with it."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from flask import request

from core.sso_token import MalformedTokenError, PastedAccount, parse_pasted

LARGEST_BATCH = 32 * 1024 * 1024
_LARGEST = 256 * 1024
_MOST_ITEMS = 10_000


class InputError(ValueError):
    """The caller's mistake; the text is for him and repeats no value."""


def json_object(largest: int = _LARGEST, *, optional: bool = False) -> dict[str, Any]:
    """The body as an object, whatever its content type says: old scripts forget it."""
    request.max_content_length = largest
    raw = request.get_data()
    if optional and not raw.strip():
        return {}
    try:
        body = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InputError("the body is not valid JSON in UTF-8") from None
    if not isinstance(body, dict):
        raise InputError('the body must be a JSON object like {"user_name": "…"}')
    return body


def text(body: dict[str, Any], key: str) -> str:
    """A string that is not empty."""
    value = body.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{key} must be a string and not empty")
    return value


def text_list(body: dict[str, Any], key: str) -> list[str]:
    """A list of at most ten thousand strings."""
    value = body.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InputError(f"{key} must be a list of strings")
    if len(value) > _MOST_ITEMS:
        raise InputError(f"{key} holds more than {_MOST_ITEMS} items; send several batches")
    return value


def number(body: dict[str, Any], key: str, *, default: int, highest: int) -> int:
    """A whole number from 1, written as a number or, as the neighbours' documents do, a string."""
    value = body.get(key, default)
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= highest:
        raise InputError(f"{key} must be a whole number from 1 to {highest}")
    return value


def md5(body: dict[str, Any], key: str) -> str:
    """An MD5 in hex, lower case."""
    value = text(body, key).strip().casefold()
    if not re.fullmatch(r"[0-9a-f]{32}", value):
        raise InputError(f"{key} must be an MD5 in hex, 32 characters")
    return value


def token(body: dict[str, Any], key: str) -> PastedAccount:
    """A pasted SSO token or cookie string."""
    try:
        return parse_pasted(text(body, key))
    except MalformedTokenError as reason:
        raise InputError(f"{key} is malformed: {reason}") from None


def account_of_email(digest: str, emails: Iterable[tuple[int, str]]) -> int | None:
    """The account whose lower-case e-mail has this MD5: an identifier here, not a secret."""
    for account_id, email in emails:
        hashed = hashlib.md5(email.strip().lower().encode(), usedforsecurity=False)
        if hashed.hexdigest() == digest:
            return account_id
    return None
