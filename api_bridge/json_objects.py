"""Finds JSON objects in text that comes in pieces, glued together or not.

A string-aware scan for balanced braces that never reads a character twice. What stands between
the objects is skipped; what the objects mean is not its business.
"""

import json
import re
from typing import Any

type JsonObject = dict[str, Any]

LARGEST_OBJECT = 32 * 2**20
"""Characters of one object; the page's own client stops at 16 MiB."""

_DECODER = json.JSONDecoder(strict=False)
_OUTSIDE = re.compile(r'[{}"]')
_IN_STRING = re.compile(r'["\\]')


class TooLargeError(ValueError):
    """An object that does not end within the bound."""


def parse_object(text: str) -> JsonObject | None:
    """The object that `text` is, None when it is anything else."""
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _whole_ones(text: str) -> tuple[list[JsonObject], str]:
    """The objects that a text begins with, and its rest; nearly always there is none."""
    found: list[JsonObject] = []
    at = 0
    while text.startswith("{", at):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(value)
    return found, text[at:]


class JsonObjects:
    """Feed text, get the objects that are complete; an unfinished one waits for more."""

    def __init__(self) -> None:
        self._text = ""
        self._at = 0
        self._start = -1
        self._depth = 0
        self._in_string = False

    def feed(self, text: str) -> list[JsonObject]:
        found, text = ([], text) if self._text else _whole_ones(text)
        if text:
            self._text += text
            found += [v for part in self._complete() if (v := parse_object(part)) is not None]
            self._forget()
        return found

    def _complete(self) -> list[str]:
        parts: list[str] = []
        while (start := self._next_end()) is not None:
            parts.append(self._text[start : self._at])
        return parts

    def _next_end(self) -> int | None:
        """Scan to the end of the next object; where it began, or None when text ran out."""
        while True:
            pattern = _IN_STRING if self._in_string else _OUTSIDE
            match = pattern.search(self._text, self._at)
            if match is None:
                self._at = max(self._at, len(self._text))
                return None
            self._at = match.end()
            if (start := self._step(match[0])) is not None:
                return start

    def _step(self, sign: str) -> int | None:
        match sign:
            case "\\":
                self._at += 1  # the escaped character, possibly in the next piece
            case '"':
                # A quote outside of any object opens nothing: it is noise between objects.
                self._in_string = self._depth > 0 and not self._in_string
            case "{":
                if self._depth == 0:
                    self._start = self._at - 1
                self._depth += 1
            case "}" if self._depth:
                self._depth -= 1
                if self._depth == 0:
                    start, self._start = self._start, -1
                    return start
        return None

    def _forget(self) -> None:
        keep_from = self._start if self._depth else min(self._at, len(self._text))
        self._text = self._text[keep_from:]
        self._at -= keep_from
        self._start = 0 if self._depth else -1
        if len(self._text) > LARGEST_OBJECT:
            raise TooLargeError(f"a JSON object of more than {LARGEST_OBJECT} characters")
