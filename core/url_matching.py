"""Recognises a mapped URL at a place in a text and says what it becomes on the other side.

The text may end anywhere: then the answer can be "wait for more". It knows nothing of where in a
text URLs may stand; that is the difference between core.rewriting and core.json_urls.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache

from core.origins import PREFIX, Origins, host_names
from core.url_styles import HEAD, HEADS, LONGEST_HEAD, STYLES, Style, alternatives

LONGEST_END = 16  # a port and half an escape


class Undecided(Enum):
    """The text ends too early to say."""

    WAIT = "wait"


WAIT = Undecided.WAIT


@dataclass(frozen=True, slots=True)
class Hit:
    """A mapped URL's beginning, up to and with its host name, ends at `end`."""

    end: int
    replacement: bytes


@dataclass(frozen=True)
class Direction:
    """One way of the mapping: what stands after `//` on this side, and there."""

    names: Mapping[str, str]
    scheme: str
    ws_scheme: str
    root: str = ""
    """The name under which `/-/` is not mapped as a whole, if there is one."""


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of a direction in one style."""

    style: Style
    colons: tuple[bytes, None]
    pattern: re.Pattern[bytes]
    prefixes: frozenset[bytes]
    longest: int
    targets: Mapping[bytes, bytes]
    heads: Mapping[bytes | None, bytes]
    """What the other side puts before a name, by the scheme given on this side."""
    with_port: frozenset[bytes]


class UrlMatcher:
    """All names of one direction, compiled; shared by every rewriter of that direction."""

    def __init__(self, direction: Direction) -> None:
        self._direction = direction
        self._names = {style.slash.encode(): _names(direction, style) for style in STYLES}
        longest_name = max(names.longest for names in self._names.values())
        self.longest = LONGEST_HEAD + longest_name + LONGEST_END

    @cached_property
    def alphabet(self) -> frozenset[int]:
        """Every byte that may stand last when there is need to wait."""
        names = {style.spell(name) for style in STYLES for name in self._direction.names}
        return frozenset(b"".join((*HEADS, *names, b":.%\\0123456789abcdefABCDEFux")))

    @cached_property
    def anchors(self) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
        """What finds host names behind a slash, plain and encoded.

        Each begins with one literal byte that is rare in scripts: a search for that is many times
        faster than for a set of bytes, and costs the same for any number of hosts.
        """
        names = {name.partition("/")[0] for name in self._direction.names}
        plain = {style.spell(name) for style in STYLES for name in names if style.slash[-1] == "/"}
        coded = {style.spell(name) for style in STYLES for name in names if style.slash[-1] != "/"}
        return (
            re.compile(rb"/(?=%b)" % alternatives(plain)),
            re.compile(rb"2[Ff](?=%b)" % alternatives(coded)),
        )

    def match_at(self, text: bytes, start: int, *, final: bool) -> Hit | Undecided | None:
        """What begins at `start`: a mapped URL, none, or not to be told unless `final`."""
        head = HEAD.match(text, start)
        if head is None:
            begun = len(text) - start < self.longest and text[start:] in _HALF_HEADS
            return WAIT if begun and not final else None
        return self.match_behind(text, head, final=final)

    def match_behind(
        self, text: bytes, head: re.Match[bytes], *, final: bool
    ) -> Hit | Undecided | None:
        """The same, when the head of a URL is found."""
        names, begin = self._names[head["slash"]], head.end()
        if head["colon"] not in names.colons:
            return None
        if not final and len(text) - begin < names.longest and text[begin:] in names.prefixes:
            return WAIT
        name = names.pattern.match(text, begin)
        if name is None:
            return None
        end = _end(text, name, names, final=final)
        if not isinstance(end, int):
            return end
        return Hit(end, names.heads[head["scheme"]] + names.targets[name[0]])


def _end(
    text: bytes, name: re.Match[bytes], names: _Names, *, final: bool
) -> int | Undecided | None:
    """Where the name, and a default port behind it, ends; None when it is a longer name."""
    style, end = names.style, name.end()
    if not final and len(text) - end <= LONGEST_END and style.undecided.match(text, end):
        return WAIT
    if name[0] in names.with_port and (port := style.port.match(text, end)):
        end = port.end()
    return None if style.goes_on.match(text, end) else end


@lru_cache(maxsize=64)
def to_mirror(origins: Origins) -> UrlMatcher:
    """Grok's URLs become the mirror's."""
    mirror = origins.mirror
    names = {
        name: f"{mirror.authority}{origins.prefix_of(host)}" for name, host in host_names(origins)
    }
    return UrlMatcher(Direction(names, mirror.scheme, mirror.ws_scheme))


@lru_cache(maxsize=64)
def to_upstream(origins: Origins) -> UrlMatcher:
    """The mirror's URLs become Grok's."""
    authority, main = origins.mirror.authority, origins.hosts[0]
    names = {f"{authority}{PREFIX}{host.name}": host.name for host in origins.hosts[1:]}
    return UrlMatcher(
        Direction(names | {authority: main.name}, main.scheme, main.ws_scheme, authority)
    )


def prefixes_of(texts: Iterable[bytes]) -> frozenset[bytes]:
    """Every beginning of these texts that is not yet the whole."""
    return frozenset(text[:size] for text in texts for size in range(len(text)))


_HALF_HEADS = prefixes_of(HEADS)


def _names(direction: Direction, style: Style) -> _Names:
    targets = {style.spell(name): style.spell(to) for name, to in direction.names.items()}
    own = style.spell(f"{direction.root}{PREFIX}") if direction.root else b""
    prefixes = prefixes_of({*targets, own})

    def one(name: bytes) -> bytes:
        # A page of the mirror itself (`/-/cars`) is no URL of Grok.
        not_own = b"(?!%b)" % re.escape(own.removeprefix(name)) if own.startswith(name) else b""
        return re.escape(name) + not_own

    return _Names(
        style=style,
        colons=(style.colon.encode(), None),
        pattern=re.compile(b"|".join(map(one, sorted(targets, key=len, reverse=True)))),
        prefixes=prefixes,
        longest=max(map(len, prefixes)) + 1,
        targets=targets,
        heads=_heads(direction, style),
        with_port=frozenset(style.spell(n) for n in direction.names if _is_bare(n)),
    )


def _heads(direction: Direction, style: Style) -> dict[bytes | None, bytes]:
    plain, ws = style.spell(f"{direction.scheme}://"), style.spell(f"{direction.ws_scheme}://")
    return {None: style.spell("//"), b"http": plain, b"https": plain, b"ws": ws, b"wss": ws}


def _is_bare(name: str) -> bool:
    return "/" not in name and not re.search(r":\d+\Z", name)
