"""The two edits of a page: subresource hashes no longer apply, and the operator's snippet.

A file whose URLs were rewritten has another hash, so `integrity` becomes `data-integrity`. All
else stays byte for byte; the page's scripts compute with its metas.
"""

import re

from core.url_matching import prefixes_of

_HASH_BEGINS = (
    b'integrity="sha',
    b"integrity='sha",
    *(b'integrity%b":%b"sha' % (slashes, slashes) for slashes in (b"", b"\\", b"\\\\", b"\\\\\\")),
)
# An attribute, or a key in a flight payload; never `x.integrity="sha…"`, which is a script.
_HASHED = re.compile(
    rb"""(?:(?<=[\s"'/])(?=integrity=["']sha)|(?<=")(?=integrity(\\{0,3})":\1"sha))"""
)
_HALF_HASHED = prefixes_of(_HASH_BEGINS)
_HALF_ENDS = frozenset(half[-1:] for half in _HALF_HASHED)
_LONGEST_HALF = max(map(len, _HALF_HASHED))

_OPENS = re.compile(rb"<(?:!--|(?i:(script|style|title)(?=[\s/>])|(/head)(?=[\s/>])))")
_HALF_TAG = prefixes_of(
    b"<!-- <script> <style> <title> </head> </script </style </title -->".split(b" ")
)
_LONGEST_TAG = max(map(len, _HALF_TAG))
_COMMENT_ENDS = re.compile(rb"-->")


class HtmlEdits:
    """One stage: both edits."""

    def __init__(self, snippet: bytes = b"") -> None:
        self._hashes = HashRenamer()
        self._snippet = HeadSnippet(snippet)

    def feed(self, data: bytes) -> bytes:
        return self._snippet.feed(self._hashes.feed(data))

    def flush(self) -> bytes:
        return self._snippet.feed(self._hashes.flush()) + self._snippet.flush()


class HashRenamer:
    """`integrity="sha…"` becomes `data-integrity="sha…"`, in tags and in flight payloads."""

    def __init__(self) -> None:
        self._before = b""
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        text = self._before + self._held + data
        hold = len(text) - self._half(text)
        return self._emit(text, hold)

    def flush(self) -> bytes:
        text = self._before + self._held
        return self._emit(text, len(text))

    def _emit(self, text: bytes, hold: int) -> bytes:
        edited = text[:hold]
        if b"integrity" in edited:
            edited = _HASHED.sub(b"data-", edited)
        edited = edited[len(self._before) :]
        self._before, self._held = text[max(0, hold - 1) : hold], text[hold:]
        return edited

    def _half(self, text: bytes) -> int:
        if text[-1:] not in _HALF_ENDS:
            return 0
        longest = min(_LONGEST_HALF, len(text) - len(self._before))
        return next((n for n in range(longest, 0, -1) if text[-n:] in _HALF_HASHED), 0)


class HeadSnippet:
    """Puts the snippet before the first `</head>` that is markup, not text of a script."""

    def __init__(self, snippet: bytes) -> None:
        self._snippet = snippet
        self._held = b""
        self._closing: re.Pattern[bytes] | None = None
        """What ends the comment, script, style or title we are in."""

    def feed(self, data: bytes) -> bytes:
        if not self._snippet:
            return data
        text = self._held + data
        self._held = b""
        at = self._find_head(text)
        if at is None:
            return text[: len(text) - len(self._held)]
        snippet, self._snippet = self._snippet, b""
        return text[:at] + snippet + text[at:]

    def flush(self) -> bytes:
        held, self._held = self._held, b""
        return held

    def _find_head(self, text: bytes) -> int | None:
        at = 0
        while found := (self._closing or _OPENS).search(text, at):
            at = found.end()
            if self._closing:
                self._closing = None
            elif found[2]:
                return found.start()
            else:
                self._closing = _closing(found)
        self._hold(text, at)
        return None

    def _hold(self, text: bytes, at: int) -> None:
        """Keep what may be the beginning of the tag, or of the end, that we look for."""
        longest = min(_LONGEST_TAG, len(text) - at)
        tails = (text[len(text) - size :] for size in range(longest, 0, -1))
        self._held = next((tail for tail in tails if tail.lower() in _HALF_TAG), b"")


def _closing(opened: re.Match[bytes]) -> re.Pattern[bytes]:
    return re.compile(rb"</(?i:%b)" % opened[1]) if opened[1] else _COMMENT_ENDS
