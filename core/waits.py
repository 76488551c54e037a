"""How long Grok asks us to wait, in whichever of its spellings; never longer than a day."""

import json
import math
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 86_400.0

_NAMES = ("waitTimeSeconds", "wait_time_seconds", "retryAfterSeconds", "retry_after_seconds")


def wait_of_header(value: str, now: float) -> float | None:
    """Seconds from a `Retry-After` header, which is a number or a date; None = it says nothing."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return bounded(float(text[:12]))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return bounded(moment.timestamp() - now)


def wait_in(fields: Mapping[str, object]) -> float | None:
    """Seconds from a JSON object, looked for in it and in its `error` and `details`."""
    for name in _NAMES:
        value = fields.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return bounded(float(value))
    inner = (fields.get("error"), fields.get("details"))
    waits = (wait_in(value) for value in inner if isinstance(value, Mapping))
    return next((wait for wait in waits if wait is not None), None)


def bounded(seconds: float) -> float | None:
    """Within a second and a day; None when there is nothing to wait for."""
    if math.isnan(seconds) or seconds <= 0:
        return None
    return min(max(seconds, 1.0), LONGEST_WAIT)


def wait_in_body(head: bytes) -> float | None:
    """Seconds from an error's JSON body; None when it is none, or cut."""
    try:
        body = json.loads(head)
    except (ValueError, RecursionError):
        return None
    return wait_in(body) if isinstance(body, dict) else None
