r"""How the same URL is spelled inside scripts, JSON, flight payloads and query strings.

`https://h/x` is also `https:\/\/h\/x`, `https:\u002F\u002Fh`, `https%3A%2F%2Fh` and each of these
escaped once more. A style says how `:` and `/` look, and what may stand right after a host name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Kind = Literal["backslash", "percent"]

# Two hex digits of a character that ends a host name: not a letter, digit, one of `-._:@%`.
_ENDS_HOST = rb"(?:[01][0-9a-fA-F]|2[0-46-9a-cfA-CF]|3[b-fB-F]|5[b-dB-D]|60|7[b-eB-E])"
_PORTS = ("443", "80")

# What makes a matched name only a part of another one: grok.com.au, grok.community, grok.com@evil.
_GOES_ON = rb"[A-Za-z0-9_@:\x80-\xff-]|\.[A-Za-z0-9_/:@%\x80-\xff-]"
_GOES_ON_OF: dict[Kind, bytes] = {
    "backslash": _GOES_ON + rb"|%|\\{1,2}(?:u(?!00" + _ENDS_HOST + rb")|x(?!" + _ENDS_HOST + rb"))",
    "percent": _GOES_ON + rb"|%(?!(?:25)?" + _ENDS_HOST + rb")",
}
_HALF_ESCAPE: dict[Kind, bytes] = {
    "backslash": rb"(?:\.|\\{1,2}(?:u[0-9a-fA-F]{0,3}|x[0-9a-fA-F]?)?)?",
    "percent": rb"(?:\.|%(?:25|[0-9a-fA-F])?[0-9a-fA-F]?)?",
}


@dataclass(frozen=True)
class Style:
    """One spelling: of `:`, of `/`, and which escapes may follow."""

    colon: str
    slash: str
    kind: Kind = "backslash"

    def spell(self, text: str) -> bytes:
        """A piece of a URL in this style; the text has nothing but names, ports and slashes."""
        brackets = {"[": "%5B", "]": "%5D"} if self.kind == "percent" else {}
        table = str.maketrans({":": self.colon, "/": self.slash, **brackets})
        return text.translate(table).encode()

    @cached_property
    def port(self) -> re.Pattern[bytes]:
        """A default port written out."""
        return re.compile(rb"(?:%b)(?![0-9])" % alternatives(map(self.spell, self._port_texts)))

    @cached_property
    def goes_on(self) -> re.Pattern[bytes]:
        """Matches where the host name is not over yet, so that it is another host."""
        return re.compile(_GOES_ON_OF[self.kind])

    @cached_property
    def undecided(self) -> re.Pattern[bytes]:
        """Matches a rest of the input that is too short to tell whether the name is over."""
        ports = [self.spell(text) for text in self._port_texts]
        begun = {port[:size] for port in ports for size in range(1, len(port))}
        pattern = rb"(?:%b)\Z|(?:%b)?%b\Z"
        half = _HALF_ESCAPE[self.kind]
        return re.compile(pattern % (alternatives(begun), alternatives(ports), half))

    @property
    def _port_texts(self) -> list[str]:
        return [f":{port}" for port in _PORTS]


STYLES = (
    Style(":", "/"),
    *(Style(":", slash) for slash in (r"\/", r"\\/")),
    *(Style(":", slash) for slash in (r"\u002F", r"\u002f", r"\\u002F", r"\\u002f")),
    *(Style(":", slash) for slash in (r"\x2F", r"\x2f")),
    *(Style(f"%3{a}", f"%2{f}", "percent") for a, f in ("AF", "af")),
    *(Style(f"%253{a}", f"%252{f}", "percent") for a, f in ("AF", "af")),
)


def alternatives(literals: Iterable[bytes]) -> bytes:
    """A pattern for any of these texts, longest first."""
    return b"|".join(map(re.escape, sorted(literals, key=lambda text: (-len(text), text))))


_COLON = alternatives({style.colon.encode() for style in STYLES})
_SLASHES = rb"(?P<slash>%b)(?P=slash)" % alternatives({style.slash.encode() for style in STYLES})

_HEAD = rb"(?:(?P<scheme>https?|wss?)(?P<colon>%b))?%b" % (_COLON, _SLASHES)
HEAD = re.compile(_HEAD)
"""What stands before a host name, in any style."""
HEAD_BEFORE = re.compile(_HEAD + rb"\Z")
"""Finds the head that fills the rest of what is searched."""

HEADS = frozenset(
    style.spell(f"{scheme}//")
    for style in STYLES
    for scheme in ("https:", "http:", "wss:", "ws:", "")
)
LONGEST_HEAD = max(map(len, HEADS))
HEAD_BEGINS = re.compile(rb"h(?=t|\Z)|w(?=s|\Z)|/(?=/|\Z)|\\(?=[\\/ux]|\Z)|%(?=2|\Z)")
"""Matches the first bytes of every head, whole or cut off."""

# A scheme begins a URL unless it is the end of a longer word; an escape before it is no word.
_SCHEME_MAY_BEGIN = re.compile(
    rb"(?=[hw])(?:(?<![A-Za-z0-9+.-])|(?<=\\[nrtbf])"
    rb"|(?<=\\u00%b)|(?<=\\x%b)|(?<=%%%b)|(?<=%%3[aA]))" % ((_ENDS_HOST,) * 3)
)
_SLASHES_MAY_BEGIN = re.compile(rb"(?=[/\\%])(?<![^\"'`(=,;<>\[\s])")
CONTEXT = 8
"""How many bytes these look to the left."""


def may_begin(text: bytes, at: int) -> bool:
    """Whether a URL in running text can begin here, judged by what is to the left."""
    return bool(_SCHEME_MAY_BEGIN.match(text, at) or _SLASHES_MAY_BEGIN.match(text, at))
