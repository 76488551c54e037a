"""Errors that Grok tells inside an answer: NDJSON lines with status 200, and socket events.

Looks for a few bytes first, because nearly every piece of an answer is good news. Knows both
vocabularies; what an error means for the account is `core.outcomes`, what it cools `core.rests`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.outcomes import Outcome
from core.waits import wait_in

type Fields = Mapping[str, object]

MOST_LINE_BYTES = 64 * 1024
"""An error is short; a longer line is somebody's text and is let by unread."""

_O = Outcome

_BY_KEY: Mapping[str, Outcome] = {
    "globalratelimit": _O.RATE_LIMITED,
    "concurrencylimit": _O.CAPACITY,
    "usagelimitreached": _O.QUOTA_USED_UP,
    "usagepoolexhausted": _O.QUOTA_USED_UP,
    "modelnotavailable": _O.CAPACITY,
    "systemkillswitch": _O.REFUSED,
    "beyondcontextlength": _O.REFUSED,
    "userprompttoolong": _O.REFUSED,
    "attachmentmoderated": _O.MODERATED,
    "contentmoderated": _O.MODERATED,
    "attachmentimagetoolarge": _O.REFUSED,
    "attachmentfiletoolarge": _O.REFUSED,
    "attachmenttoomanypages": _O.REFUSED,
    "attachmentloadfailed": _O.REFUSED,
    "requestcancelled": _O.REFUSED,
    "internalerror": _O.FAILED,
}
"""Keys of Grok's StreamError."""

_BY_CODE: Mapping[str, Outcome] = {
    "3": _O.REFUSED,
    "invalidargument": _O.REFUSED,
    "5": _O.REFUSED,
    "notfound": _O.REFUSED,
    "7": _O.REFUSED,
    "permissiondenied": _O.REFUSED,
    "8": _O.RATE_LIMITED,
    "resourceexhausted": _O.RATE_LIMITED,
    "ratelimited": _O.RATE_LIMITED,
    "ratelimitexceeded": _O.RATE_LIMITED,
    "13": _O.FAILED,
    "internal": _O.FAILED,
    "14": _O.CAPACITY,
    "unavailable": _O.CAPACITY,
    "capacity": _O.CAPACITY,
    "16": _O.SIGNED_OUT,
    "unauthenticated": _O.SIGNED_OUT,
    "antibot": _O.ANTI_BOT,
    "contentfilter": _O.MODERATED,
    "cancelled": _O.REFUSED,
}

_BY_WORDS: tuple[tuple[str, Outcome], ...] = (
    ("anti-bot", _O.ANTI_BOT),
    ("blocked-user", _O.BLOCKED),
    ("user is blocked", _O.BLOCKED),
    ("account suspended", _O.BLOCKED),
    ("unauthenticated:", _O.SIGNED_OUT),
    ("bad-credentials", _O.SIGNED_OUT),
    ("invalid-credentials", _O.SIGNED_OUT),
    ("session not found", _O.SIGNED_OUT),
    ("not available in your region", _O.REGION),
    ("admission denied", _O.CAPACITY),
    ("overloaded", _O.CAPACITY),
    ("high demand", _O.CAPACITY),
    ("usage limit", _O.QUOTA_USED_UP),
    ("usage pool", _O.QUOTA_USED_UP),
    ("too many requests", _O.RATE_LIMITED),
    ("rate limit", _O.RATE_LIMITED),
    ("upgrade", _O.TIER_TOO_LOW),
    ("subscri", _O.TIER_TOO_LOW),
    ("moderat", _O.MODERATED),
)
"""First match wins; words are more exact than a number that has four meanings."""

_TOOL_KEYS = ("rendertoolfailed", "toolcallfailed", "rendertoolratelimited", "renderpermessage")
_SOCKET_MARKS = (b'"error"', b'"stream_error"', b'"response.done"')


@dataclass(frozen=True, slots=True)
class Said:
    """What one message said about the account: `wait` in seconds when Grok named a time."""

    outcome: Outcome
    wait: float | None = None


def said_on_socket(message: bytes) -> Said | None:
    """The verdict in a socket message, which may hold several objects; None = just an answer."""
    if not any(mark in message for mark in _SOCKET_MARKS):
        return None
    verdicts = (_of_event(_fields(value, "event")) for value in _objects(message))
    return _worst(verdicts)


class LineWatch:
    """A body stage that changes nothing and notes the error an NDJSON answer holds."""

    def __init__(self) -> None:
        self.said: Said | None = None
        self._rest = b""
        self._skips = False

    def feed(self, data: bytes) -> bytes:
        lines, newline, rest = (self._rest + data).rpartition(b"\n")
        if newline:
            if not self._skips:
                self._look(lines)
            elif b"\n" in lines:
                self._look(lines.partition(b"\n")[2])
            self._skips = False
        if len(rest) > MOST_LINE_BYTES:
            self._skips, rest = True, b""
        self._rest = rest
        return data

    def flush(self) -> bytes:
        if not self._skips:
            self._look(self._rest)
        return b""

    def _look(self, lines: bytes) -> None:
        if b'"error"' in lines or b'"code"' in lines:
            for line in lines.splitlines():
                self.said = self.said or _worst(map(_of_line, _objects(line)))


def _of_event(event: Fields) -> Said | None:
    match event.get("type"):
        case "error":
            return _of_coded(_fields(event, "error") or event)
        case "response.grok.output":
            return _of_stream_error(_fields(_fields(event, "output"), "stream_error"))
        case "response.done":
            return _of_done(_fields(event, "response"))
    return None


def _of_done(response: Fields) -> Said | None:
    if response.get("status") in ("completed", "incomplete"):
        return Said(Outcome.OK)
    if response.get("status") != "failed":
        return None
    reason = _flat(_fields(response, "status_details").get("reason"))
    return Said(_BY_KEY.get(reason) or _BY_CODE.get(reason) or Outcome.FAILED, wait_in(response))


def _of_line(line: Fields) -> Said | None:
    if "result" in line:
        result = _fields(line, "result")
        return _of_stream_error(_fields(_fields(result, "response") or result, "error"))
    error = _fields(line, "error") or line
    return _of_coded(error) if "code" in error and "message" in error else None


def _of_coded(error: Fields) -> Said:
    by_code = _BY_CODE.get(_flat(error.get("code")))
    return Said(_of_words(error) or by_code or Outcome.FAILED, wait_in(error))


def _of_stream_error(error: Fields) -> Said | None:
    keys = [_flat(name) for name in (*error, error.get("kind"))]
    is_fatal = str(error.get("severity", "")).endswith("FATAL")
    if not error or (not is_fatal and any(key.startswith(_TOOL_KEYS) for key in keys)):
        return None  # a tool's failure: the answer goes on without it
    capacity = _of_words(error) if "modelnotavailable" in keys else None
    by_key = next((_BY_KEY[key] for key in keys if key in _BY_KEY), None)
    return Said(capacity or by_key or _of_words(error) or Outcome.FAILED, wait_in(error))


def _of_words(error: Fields) -> Outcome | None:
    text = str(error.get("message", ""))[:2000].lower()
    return next((outcome for words, outcome in _BY_WORDS if words in text), None)


def _worst(verdicts: Iterator[Said | None]) -> Said | None:
    """The first that is not OK: `response.done` failed repeats what an error said before."""
    found = [said for said in verdicts if said]
    bad = [said for said in found if said.outcome is not Outcome.OK]
    return next(iter(bad or found), None)


def _objects(message: bytes) -> Iterator[Fields]:
    """The JSON objects of a message, glued together or not; what is no JSON ends it."""
    text, at = message.decode(errors="replace"), 0
    while (at := text.find("{", at)) >= 0:
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if isinstance(value, dict):
            yield value


def _fields(value: Fields, name: str) -> Fields:
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}


def _flat(name: object) -> str:
    return str(name).replace("_", "").replace("-", "").lower()


_DECODER = json.JSONDecoder()
