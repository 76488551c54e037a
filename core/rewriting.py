"""Rewrites mapped URLs in a stream of text: HTML, scripts, styles, flight payloads, both ways.

Any cut of the input gives the same output, and only bytes that may be the beginning of a mapped
URL wait for more. JSON bodies and frames, where texts are what people wrote, are
core.json_urls' business; its two rewriters are named here beside the others.
"""

import re
from collections.abc import Iterator
from typing import Protocol

from core import url_matching
from core.json_urls import JsonUrls
from core.origins import Origins
from core.url_matching import WAIT, UrlMatcher
from core.url_styles import CONTEXT, HEAD_BEFORE, HEAD_BEGINS, LONGEST_HEAD, may_begin


class StreamRewriter(Protocol):
    """One stage of a body: bytes in, bytes out, the rest at the end."""

    def feed(self, data: bytes) -> bytes: ...

    def flush(self) -> bytes: ...


class UrlStream:
    """Rewrites every mapped URL, wherever it stands.

    Host names are searched for first, which is cheap; patterns only look at what stands before
    and behind those that are found.
    """

    def __init__(self, matcher: UrlMatcher) -> None:
        self._matcher = matcher
        self._before = b""
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        return self._rewrite(data, final=False)

    def flush(self) -> bytes:
        return self._rewrite(b"", final=True)

    def _rewrite(self, data: bytes, *, final: bool) -> bytes:
        text = self._before + self._held + data
        done, hold = len(self._before), len(text)
        parts: list[bytes] = []
        for head in self._heads(text, done):
            hit = self._matcher.match_behind(text, head, final=final)
            if hit is WAIT:
                hold = head.start()
                break
            if hit is not None:
                parts += (text[done : head.start()], hit.replacement)
                done = hit.end
        if not final and hold == len(text):
            hold = self._begun(text, done)
        parts.append(text[done:hold])
        self._before, self._held = text[max(0, hold - CONTEXT) : hold], text[hold:]
        return b"".join(parts)

    def _heads(self, text: bytes, start: int) -> Iterator[re.Match[bytes]]:
        """The heads of URLs that have a known host name behind them, from left to right."""
        found = [name for anchor in self._matcher.anchors for name in anchor.finditer(text)]
        for at in sorted(name.end() for name in found):
            head = HEAD_BEFORE.search(text, max(start, at - LONGEST_HEAD), at)
            if head and may_begin(text, head.start()):
                yield head

    def _begun(self, text: bytes, done: int) -> int:
        """Where the text ends in what may become a mapped URL, or its end."""
        if text and text[-1] in self._matcher.alphabet:
            near = max(done, len(text) - self._matcher.longest)
            for begin in HEAD_BEGINS.finditer(text, near):
                at = begin.start()
                if self._matcher.match_at(text, at, final=False) is WAIT and may_begin(text, at):
                    return at
        return len(text)


class TextRewriter(UrlStream):
    """Upstream text for the browser."""

    def __init__(self, origins: Origins) -> None:
        super().__init__(url_matching.to_mirror(origins))


class TextUnrewriter(UrlStream):
    """Text of the browser for the upstream."""

    def __init__(self, origins: Origins) -> None:
        super().__init__(url_matching.to_upstream(origins))


class JsonRewriter(JsonUrls):
    """Upstream JSON for the browser."""

    def __init__(self, origins: Origins) -> None:
        super().__init__(url_matching.to_mirror(origins))


class JsonUnrewriter(JsonUrls):
    """JSON of the browser for the upstream."""

    def __init__(self, origins: Origins) -> None:
        super().__init__(url_matching.to_upstream(origins))
