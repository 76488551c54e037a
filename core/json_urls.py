"""Rewrites mapped URLs in JSON, where most strings are what a person wrote and must stay.

A URL is rewritten only when it begins a string that is the value of a URL-valued key
(core.url_keys), or an element of a list there. It reads NDJSON, server-sent events and objects
glued together alike, and never builds a tree: what is not JSON passes unchanged.
"""

import re
from collections.abc import Callable

from core.url_keys import URL_ENDINGS
from core.url_matching import WAIT, UrlMatcher

_ENDINGS = [ending.encode() + b'"' for ending in URL_ENDINGS]
_LONGEST_ENDING = max(map(len, _ENDINGS))

# The quantifiers are possessive: no input makes them try twice.
_INSIDE = re.compile(rb'(?:[^"\\\n]++|\\[^\n])*+')
_URL_KEY = re.compile(rb"(?i:%b)\Z" % b"|".join(_ENDINGS))
_DULL = re.compile(
    rb'(?:[^"]++|"(?:[^"\\\n]++|\\[^\n])*+"%b)*+'
    % b"".join(b"(?<!(?i:%b))" % ending for ending in _ENDINGS)
)
"""Everything up to a string that may be a URL-valued key, or that does not end here."""
_BLANK = re.compile(rb"[ \t\r\n]*+")
_BETWEEN = re.compile(rb"[ \t\r\n,\[]*+")


class JsonUrls:
    """A small machine over the bytes: each step is a place in the grammar."""

    def __init__(self, matcher: UrlMatcher) -> None:
        self._matcher = matcher
        self._step: Callable[[], bool] = self._outside
        self._after_url = self._step
        self._text = b""
        self._at = 0
        """How far `_text` is read."""
        self._sent = 0
        """How far `_text` is copied to `_parts`."""
        self._parts: list[bytes] = []
        self._final = False

    def feed(self, data: bytes) -> bytes:
        self._text += data
        while self._step():
            pass
        return self._take()

    def flush(self) -> bytes:
        self._final = True
        ready = self.feed(b"") + self._text[self._at :]
        self._text = self._text[: self._at]
        return ready

    def _take(self) -> bytes:
        """What is ready; a few bytes of it stay as context, the unread rest waits."""
        self._parts.append(self._text[self._sent : self._at])
        keep = max(0, self._at - _LONGEST_ENDING)
        self._text = self._text[keep:]
        self._sent = self._at = self._at - keep
        ready = b"".join(self._parts)
        self._parts.clear()
        return ready

    # Each step reads on from `_at`, sets the next step, and returns False at the end of input.

    def _outside(self) -> bool:
        self._read(_DULL)
        if not self._next():
            return False
        return self._enter(self._in_string)

    def _in_string(self) -> bool:
        if not self._read_string(then=self._outside):
            return False
        if _URL_KEY.search(self._text, max(0, self._at - _LONGEST_ENDING), self._at):
            self._step = self._after_name
        return True

    def _after_name(self) -> bool:
        self._read(_BLANK)
        match self._next():
            case b":":
                self._at += 1
                self._step = self._value
            case b"":
                return False
            case _:
                self._step = self._outside
        return True

    def _value(self) -> bool:
        self._after_url = self._outside
        self._read(_BLANK)
        match self._next():
            case b'"':
                return self._enter(self._url)
            case b"[":
                self._after_url = self._step = self._in_list
            case b"":
                return False
            case _:
                self._step = self._outside
        return True

    def _in_list(self) -> bool:
        self._read(_BETWEEN)
        match self._next():
            case b'"':
                return self._enter(self._url)
            case b"":
                return False
            case _:
                self._step = self._outside
        return True

    def _url(self) -> bool:
        hit = self._matcher.match_at(self._text, self._at, final=self._final)
        if hit is WAIT:
            return False
        if hit is not None:
            self._parts += (self._text[self._sent : self._at], hit.replacement)
            self._sent = self._at = hit.end
        self._step = self._rest_of_url
        return True

    def _rest_of_url(self) -> bool:
        return self._read_string(then=self._after_url)

    # What the steps are made of.

    def _enter(self, step: Callable[[], bool]) -> bool:
        self._at += 1
        self._step = step
        return True

    def _read(self, pattern: re.Pattern[bytes]) -> None:
        found = pattern.match(self._text, self._at)
        assert found  # every pattern also matches nothing
        self._at = found.end()

    def _next(self) -> bytes:
        return self._text[self._at : self._at + 1]

    def _read_string(self, *, then: Callable[[], bool]) -> bool:
        """To the closing quote; a line end means it was no JSON string, and all begins anew."""
        self._read(_INSIDE)
        match self._next():
            case b'"':
                return self._enter(then)
            case b"\n":
                return self._enter(self._outside)
            case _ if len(self._text) - self._at < 2:
                return False  # the end, or half an escape
            case _:
                self._at += 1  # a backslash before a line end
                return True
