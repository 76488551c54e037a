"""Takes known secrets out of a stream, in every form in which an answer might carry them.

The last net: what the upstream puts into a page, a redirect or a frame must not show an account's
cookies. It knows only the values it is given, and gives nothing away that may still become one.
"""

import base64
import html
import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote, quote_plus

MARK = b"***"
SHORTEST = 8  # shorter values would also be found where they mean nothing
_HEAD = 4


class Scrubber:
    """Overlapping secrets are taken out together, so that no part of the second one stays."""

    def __init__(self, secrets: Iterable[bytes]) -> None:
        self._forms = _forms(frozenset(secrets))
        self._held = b""
        self._covered = 0
        """How much of `_held` belongs to a secret that is already marked."""

    def feed(self, data: bytes) -> bytes:
        if not self._forms.all:
            return data
        text = self._held + data
        return self._scrub(text, self._forms.first_half(text))

    def flush(self) -> bytes:
        return self._scrub(self._held, len(self._held))

    def whole(self, text: bytes) -> bytes:
        """Of a text that is not part of a stream."""
        return self.feed(text) + self.flush()

    def _scrub(self, text: bytes, limit: int) -> bytes:
        """What is decided: everything before `limit`, where a secret may have begun."""
        parts: list[bytes] = []
        done = self._covered
        for begin, end in self._forms.found_in(text):
            if begin >= limit:
                break
            if begin >= done:
                parts += (text[done:begin], self._mark(end - begin))
            elif end > done:
                parts.append(self._longer_mark(end - done))
            done = max(done, end)
        parts.append(text[done:limit])
        self._held, self._covered = text[limit:], max(0, done - limit)
        return b"".join(parts)

    def _mark(self, size: int) -> bytes:
        """What stands for a secret of this size."""
        return MARK

    def _longer_mark(self, size: int) -> bytes:
        """What is added when the next secret overlaps by so many more bytes."""
        return b""


class LengthKeepingScrubber(Scrubber):
    """For bodies whose length was announced and must stay: files, and parts of them."""

    def _mark(self, size: int) -> bytes:
        return b"*" * size

    def _longer_mark(self, size: int) -> bytes:
        return b"*" * size


def scrubbed(data: bytes, secrets: Iterable[bytes]) -> bytes:
    """The whole of a text, which is not part of a stream."""
    return Scrubber(secrets).whole(data)


class Forms:
    """Every spelling of a set of secrets."""

    def __init__(self, forms: Iterable[bytes]) -> None:
        self.all = tuple(sorted(set(forms), key=lambda form: (-len(form), form)))
        self._longest = max(map(len, self.all), default=0)
        self._heads: dict[bytes, list[bytes]] = {}
        for form in self.all:
            self._heads.setdefault(form[:_HEAD], []).append(form)
        self._alphabet = frozenset(b"".join(self.all))
        self._shortest_halves = {form[:n] for form in self.all for n in range(1, _HEAD)}

    def found_in(self, text: bytes) -> list[tuple[int, int]]:
        """Where forms begin and end, from left to right, overlaps included."""
        found = []
        for form in self.all:
            at = text.find(form)
            while at >= 0:
                found.append((at, at + len(form)))
                at = text.find(form, at + 1)
        return sorted(found)

    def first_half(self, text: bytes) -> int:
        """Where the text ends in the beginning of a form, or its length."""
        if not text or text[-1] not in self._alphabet:
            return len(text)
        begins = [
            at for head, forms in self._heads.items() for at in self._halves(text, head, forms)
        ]
        for size in range(min(_HEAD - 1, len(text)), 0, -1):
            if text[-size:] in self._shortest_halves:
                begins.append(len(text) - size)
                break
        return min(begins, default=len(text))

    def _halves(self, text: bytes, head: bytes, forms: list[bytes]) -> Iterator[int]:
        at = text.find(head, max(0, len(text) - self._longest + 1))
        while at >= 0:
            half = text[at:]
            if any(len(form) > len(half) and form.startswith(half) for form in forms):
                yield at
                return
            at = text.find(head, at + 1)


@lru_cache(maxsize=256)
def _forms(secrets: frozenset[bytes]) -> Forms:
    """Cached because each WebSocket frame has its own scrubber."""
    return Forms(
        form for secret in secrets if len(secret) >= SHORTEST for form in _spellings(secret)
    )


def _spellings(secret: bytes) -> Iterator[bytes]:
    yield secret
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield quoted.encode()
        yield _with_small_hex(quoted)
    yield from _base64(secret)
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return
    for spelled in (*_json(text), *_html(text)):
        yield spelled.encode()


def _with_small_hex(quoted: str) -> bytes:
    first, *rest = quoted.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)]).encode()


def _json(text: str) -> Iterator[str]:
    for escaped in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        # In a flight payload JSON stands in a string of a script.
        for once in (escaped, json.dumps(escaped)[1:-1]):
            yield once
            yield once.replace("/", r"\/")
            yield once.translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&'"})
            yield once.translate({ord(c): f"\\u{ord(c):04X}" for c in "<>&'/"})


def _html(text: str) -> Iterator[str]:
    escaped = html.escape(text)
    yield html.escape(text, quote=False)
    for apostrophe in ("&#x27;", "&#39;", "&apos;"):
        for quotes in ("&quot;", "&#34;"):
            yield escaped.replace("&#x27;", apostrophe).replace("&quot;", quotes)


def _base64(secret: bytes) -> Iterator[bytes]:
    """The characters that only the secret decides, for each place within a group of three."""
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + secret)
        inner = encoded[-(-offset * 8 // 6) : (offset + len(secret)) * 8 // 6]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))
