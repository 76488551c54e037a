"""Rewrites mapped URLs in a stream of text: HTML, scripts, styles, flight payloads, both ways.

Any cut of the input gives the same output, and only bytes that may be the beginning of a mapped
URL wait for more. JSON bodies and frames, where texts are what people wrote, are
core.json_urls' business; its two rewriters are named here beside the others.
"""

from collections.abc import Iterator
from typing import Protocol

from core import url_matching
from core.json_urls import JsonUrls
from core.origins import Origins
from core.url_matching import WAIT, UrlMatcher
from core.url_styles import BEGINS

CONTEXT = 8  # as far as the patterns of core.url_styles look to the left


class StreamRewriter(Protocol):
    """One stage of a body: bytes in, bytes out, the rest at the end."""

    def feed(self, data: bytes) -> bytes: ...

    def flush(self) -> bytes: ...


class UrlStream:
    """Rewrites every mapped URL, wherever it stands.

    Searching for the few texts that all mapped names end with costs a tenth of a regular
    expression over everything; patterns only look at the places found so.
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
        done = len(self._before)
        parts: list[bytes] = []
        hold = len(text)
        for start in self._urls(text):
            if start < done:
                continue
            hit = self._matcher.match_at(text, start, final=final)
            if hit is WAIT:
                hold = start
                break
            if hit is not None:
                parts += (text[done:start], hit.replacement)
                done = hit.end
        if not final:
            hold = self._begun(text, done, hold)
        parts.append(text[done:hold])
        self._before, self._held = text[max(0, hold - CONTEXT) : hold], text[hold:]
        return b"".join(parts)

    def _urls(self, text: bytes) -> Iterator[int]:
        """Where a URL begins whose host name is all there, from left to right."""
        found = []
        for anchor, head in self._matcher.anchors.items():
            at = text.find(anchor)
            while at >= 0:
                found.append((at, head))
                at = text.find(anchor, at + 1)
        found.sort(key=lambda pair: pair[0])
        for at, head in found:
            if begin := head.search(text, max(0, at - self._matcher.longest), at):
                yield begin.start()

    def _begun(self, text: bytes, done: int, hold: int) -> int:
        """Where the text ends in what may become a mapped URL, at most `hold`."""
        if hold < len(text):
            return hold
        for begin in BEGINS.finditer(text, max(done, hold - self._matcher.longest)):
            if self._matcher.match_at(text, begin.start(), final=False) is WAIT:
                return begin.start()
        return hold


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
