"""Takes out of a page what it tells of other people on the same account.

A page that Grok has rendered carries lists in its flight payload, in its markup and perhaps in a
JSON script. Objects that bear somebody else's id go, links to them go, and so does what belongs to
the account's owner. A page is held until it is whole: it is read, not guessed at in passing.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from core.flight import UnreadableFlightError, edited_rows, read_rows, write_rows
from core.ids import IdNames, ObjectId, own_fields, plain_name
from core.own_list import without_foreign

LARGEST = 16 * 1024 * 1024
_PUSH = re.compile(rb'self\.__next_f\.push\(\[1,\s*("(?:[^"\\]++|\\.)*+")\s*\]\)', re.DOTALL)
_DATA = re.compile(
    rb'(<script[^>]*\btype="application/json"[^>]*>)(.*?)(</script>)', re.DOTALL | re.IGNORECASE
)
_LINK = re.compile(
    rb"<a\b[^>]*?\bhref=[\"'](?:https://[\w.-]+)?(/[^\"'>]*)[\"'][^>]*>.*?</a\s*>",
    re.DOTALL | re.IGNORECASE,
)
_PLACE = re.compile(r"(?:https://[\w.-]+)?/(c|chat|project|imagine/post|share)/([\w-]{4,100})")
_REFERENCE = re.compile(r"\$([0-9a-fA-F]+)")
_KIND_OF_PLACE = {
    "c": "conversation",
    "chat": "conversation",
    "project": "workspace",
    "imagine/post": "post",
    "share": "share",
}
_OWNERS = frozenset(
    {
        *("email", "emaildomain", "givenname", "familyname", "profileimageurl", "phone"),
        *("agentcustomizations", "custominstructions", "memories", "memory", "personalities"),
    }
)
"""What belongs to the account's owner, by plain name."""


class PageTooLongError(Exception):
    """More than any page has."""


class PageFilter:
    """A stage; `is_html` or a flight payload by itself. `mine` holds what the caller owns."""

    def __init__(self, mine: frozenset[ObjectId], names: IdNames, *, is_html: bool) -> None:
        # A file's URL opens nothing that is not his, and the page's own pictures are files too.
        self._cut = _Cut(mine, names.without_files())
        self._is_html = is_html
        self._held = bytearray()

    def feed(self, data: bytes) -> bytes:
        self._held += data
        if len(self._held) > LARGEST:
            raise PageTooLongError
        return b""

    def flush(self) -> bytes:
        text = bytes(self._held)
        self._held.clear()
        if not self._is_html:
            return self._cut.flight(text)
        return self._cut.markup(self._cut.data(self._pushes(text)))

    def _pushes(self, text: bytes) -> bytes:
        """The payload is one text in many pushes, cut anywhere. Pushes whose rows stay are left as
        they are; where a row changes, the first push it stands in carries what is left."""
        pushes = list(_PUSH.finditer(text))
        texts = [_string(push[1]).encode("utf-8", "surrogatepass") for push in pushes]
        parts: list[bytes] = []
        done = 0
        for push, new in zip(pushes, self._cut.pieces(texts), strict=True):
            if new is not None:
                parts += (text[done : push.start(1)], _quoted(new))
                done = push.end(1)
        return b"".join((*parts, text[done:]))


class _Cut:
    """What is cut out, for one caller."""

    def __init__(self, mine: frozenset[ObjectId], names: IdNames) -> None:
        self._mine, self._names = mine, names

    def flight(self, text: bytes) -> bytes:
        """A payload, or nothing of it when it cannot be read."""
        if not text:
            return text
        try:
            rows = read_rows(text)
        except UnreadableFlightError:
            return b"0:null\n"
        cut = edited_rows(rows, self.value, self._texts_of)
        return text if cut == rows else write_rows(cut)

    def pieces(self, texts: Sequence[bytes]) -> list[bytes | None]:
        """A payload in pieces: for each what it becomes, None for as it is."""
        try:
            rows = read_rows(b"".join(texts))
        except UnreadableFlightError:
            return [b"0:null\n" if n == 0 else b"" for n in range(len(texts))]
        changed = [
            (old.span, bytes(new))
            for old, new in zip(rows, edited_rows(rows, self.value, self._texts_of), strict=True)
            if new != old
        ]
        pieces: list[bytes | None] = []
        begin = 0
        for text in texts:
            pieces.append(_piece(text, begin, changed))
            begin += len(text)
        return pieces

    def value(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        """Anything JSON."""
        return self._plain(without_foreign(value, self._names, self._mine))

    def _texts_of(self, value: Any, *, inside: bool = False) -> set[str]:  # noqa: ANN401 - JSON
        """The texts in rows of their own that what is the caller's refers to."""
        if isinstance(value, str):
            reference = _REFERENCE.fullmatch(value) if inside else None
            return {reference[1]} if reference else set()
        if isinstance(value, dict):
            plain = {k: v for k, v in value.items() if not isinstance(v, dict | list)}
            inside = inside or not self._mine.isdisjoint(own_fields(plain, self._names))
            members = list(value.values())
        else:
            members = value if isinstance(value, list) else []
        return {name for one in members for name in self._texts_of(one, inside=inside)}

    def data(self, text: bytes) -> bytes:
        """The JSON scripts of a page."""
        return _DATA.sub(self._script, text)

    def markup(self, text: bytes) -> bytes:
        """The links of a page, with what they say."""
        return _LINK.sub(
            lambda link: b"" if self._leads_astray(link[1].decode("latin-1")) else link[0], text
        )

    def _script(self, script: re.Match[bytes]) -> bytes:
        try:
            value = json.loads(script[2])
        except (ValueError, RecursionError):
            return script[1] + b"null" + script[3]
        cut = self.value(value)
        text = json.dumps(cut).replace("<", "\\u003c").encode()
        return script[0] if cut == value else script[1] + text + script[3]

    def _plain(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            if _is_element(value) and self._is_foreign_element(value):
                return None
            return [self._plain(element) for element in value]
        if isinstance(value, dict):
            return {
                name: _nothing(member) if plain_name(name) in _OWNERS else self._plain(member)
                for name, member in value.items()
            }
        return "/" if isinstance(value, str) and self._leads_astray(value) else value

    def _is_foreign_element(self, element: list[Any]) -> bool:
        """A link of React's that leads to somebody else's."""
        properties = element[3]
        target = properties.get("href") if isinstance(properties, dict) else None
        return isinstance(target, str) and self._leads_astray(target)

    def _leads_astray(self, target: str) -> bool:
        place = _PLACE.match(target)
        return place is not None and (_KIND_OF_PLACE[place[1]], place[2]) not in self._mine


def _piece(
    text: bytes, begin: int, changed: Sequence[tuple[tuple[int, int], bytes]]
) -> bytes | None:
    """One piece of a payload, which begins at `begin`, with the changed rows in their new form:
    a row goes where it began, and leaves nothing where it went on."""
    end, done = begin + len(text), begin
    parts: list[bytes] = []
    for (row_begin, row_end), new in changed:
        if row_end <= begin or row_begin >= end:
            continue
        parts.append(text[done - begin : max(row_begin, begin) - begin])
        parts.append(new if row_begin >= begin else b"")
        done = min(row_end, end)
    return b"".join((*parts, text[done - begin :])) if parts else None


def _is_element(value: list[Any]) -> bool:
    return len(value) >= 4 and value[0] == "$" and isinstance(value[1], str)


def _nothing(value: object) -> object:
    empty: dict[type, Callable[[], object]] = {str: str, list: list, dict: dict}
    return empty[type(value)]() if type(value) in empty else None


def _string(literal: bytes) -> str:
    """The text of a push. One that cannot be read makes the whole unreadable."""
    try:
        text = json.loads(literal)
    except ValueError:
        return "\0"
    return text if isinstance(text, str) else "\0"


def _quoted(text: bytes) -> bytes:
    """As a string of a script, in which `</script` must not stand."""
    quoted = json.dumps(text.decode("utf-8", "surrogatepass"))
    return quoted.replace("<", "\\u003c").replace("\u2028", "\\u2028").encode()
