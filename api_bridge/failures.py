"""Names the failures that Grok words in many ways: error keys, gRPC numbers, codes, plain text.

A table per wording; what callers are told about a kind is decided in `errors`.
"""

import re
from collections.abc import Mapping
from typing import Any

from api_bridge.events import Failed, FailureKind

_K = FailureKind

STREAM_ERROR_KINDS: Mapping[str, FailureKind] = {
    "globalRateLimit": _K.RATE_LIMITED,
    "concurrencyLimit": _K.RATE_LIMITED,
    "renderToolRateLimited": _K.RATE_LIMITED,
    "renderPerMessageLimitExceeded": _K.RATE_LIMITED,
    "usageLimitReached": _K.EXHAUSTED,
    "usagePoolExhausted": _K.EXHAUSTED,
    "modelNotAvailable": _K.CAPACITY,
    "systemKillSwitch": _K.SWITCHED_OFF,
    "beyondContextLength": _K.TOO_LONG,
    "userPromptTooLong": _K.TOO_LONG,
    "attachmentModerated": _K.MODERATED,
    "contentModerated": _K.MODERATED,
    "attachmentImageTooLarge": _K.BAD_ATTACHMENT,
    "attachmentFileTooLarge": _K.BAD_ATTACHMENT,
    "attachmentTooManyPages": _K.BAD_ATTACHMENT,
    "attachmentLoadFailed": _K.BAD_ATTACHMENT,
    "requestCancelled": _K.CANCELLED,
    "renderToolFailed": _K.INTERNAL,
    "toolCallFailed": _K.INTERNAL,
    "internalError": _K.INTERNAL,
}
"""Keys of the StreamError one-of."""

TOOL_KEYS = frozenset(
    {
        "renderToolFailed",
        "toolCallFailed",
        "renderToolRateLimited",
        "renderPerMessageLimitExceeded",
    }
)
"""Errors of one tool: unless called fatal, the answer goes on without it."""

_CODES: Mapping[str, FailureKind] = {
    "3": _K.INVALID,
    "invalidargument": _K.INVALID,
    "invalidjson": _K.INTERNAL,
    "failedprecondition": _K.INTERNAL,
    "5": _K.NOT_FOUND,
    "notfound": _K.NOT_FOUND,
    "7": _K.NO_ACCESS,
    "permissiondenied": _K.NO_ACCESS,
    "8": _K.RATE_LIMITED,
    "resourceexhausted": _K.RATE_LIMITED,
    "ratelimited": _K.RATE_LIMITED,
    "ratelimitexceeded": _K.RATE_LIMITED,
    "13": _K.INTERNAL,
    "internal": _K.INTERNAL,
    "14": _K.CAPACITY,
    "unavailable": _K.CAPACITY,
    "16": _K.SIGNED_OUT,
    "unauthenticated": _K.SIGNED_OUT,
    "antibot": _K.ANTI_BOT,
    "contentfilter": _K.MODERATED,
    "cancelled": _K.CANCELLED,
    "capacity": _K.CAPACITY,
}

# First match wins; the text is more exact than a number that has four meanings.
_WORDINGS: tuple[tuple[re.Pattern[str], FailureKind], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"anti-bot", _K.ANTI_BOT),
        (r"just a moment|/cdn-cgi/challenge-platform/", _K.CHALLENGED),
        (r"blocked-user|user is blocked|account suspended", _K.BLOCKED),
        (r"unauthenticated:|bad-credentials|invalid-credentials|session not found", _K.SIGNED_OUT),
        (r"not available in your region", _K.REGION),
        (r"admission denied|capacity|overloaded|high demand", _K.CAPACITY),
        (r"usage limit|usage pool|out of (?:queries|credits)", _K.EXHAUSTED),
        (r"too many requests|rate limit", _K.RATE_LIMITED),
        (r"upgrade|subscri|tier", _K.NO_ACCESS),
        (r"moderat", _K.MODERATED),
        (r"(?:context|prompt|message).{0,40}too long|context length", _K.TOO_LONG),
    )
)
_WAITS = ("retryAfterSeconds", "retry_after_seconds", "waitTimeSeconds", "wait_time_seconds")


def stream_error(error: Mapping[str, Any]) -> Failed:
    """An error inside an answer, from either transport."""
    key = key_of(error)
    message = _text(error.get("message"))
    kind = STREAM_ERROR_KINDS.get(key) or kind_of_text(message) or FailureKind.INTERNAL
    return Failed(kind, message, _wait(error))


def is_fatal(error: Mapping[str, Any]) -> bool:
    """Whether the answer ends here: said outright, or not a mere tool's failure."""
    severity = _text(error.get("severity"))
    return severity.endswith("FATAL") or (not severity and key_of(error) not in TOOL_KEYS)


def key_of(error: Mapping[str, Any]) -> str:
    """Which key of the one-of is set, in either spelling; empty when none is known."""
    named = [*error, _text(error.get("kind"))]
    return next((known for name in named if (known := _KEYS.get(_flat(name)))), "")


def coded_error(error: Mapping[str, Any]) -> Failed:
    """`{"code": 8 or "anti_bot", "message": …}`, as in HTTP bodies and on the socket."""
    message = _text(error.get("message"))
    code = _flat(_text(error.get("code")))
    kind = kind_of_text(message) or _CODES.get(code) or kind_of_reason(code)
    return Failed(kind or FailureKind.INTERNAL, message, _wait(error))


def kind_of_reason(reason: str) -> FailureKind | None:
    """What `status_details.reason` names: an error key or a code, in any spelling."""
    flat = _flat(reason)
    key = _KEYS.get(flat)
    return STREAM_ERROR_KINDS[key] if key else _CODES.get(flat)


def kind_of_text(message: str) -> FailureKind | None:
    """What an error's own words say."""
    head = message[:2000]
    return next((kind for pattern, kind in _WORDINGS if pattern.search(head)), None)


def _flat(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, bool | dict | list) else str(value)


def _wait(error: Mapping[str, Any]) -> int | None:
    waits = (error.get(name) for name in _WAITS)
    return next((int(w) for w in waits if isinstance(w, int | float) and 0 < w < 10**7), None)


_KEYS = {_flat(key): key for key in STREAM_ERROR_KINDS}
