"""The route table: what each upstream route may do, found by host, method and path.

Data, not code: the table is read from `mitm_config.yaml`. A request that no row describes is
refused without an upstream call, because nobody has decided yet what it may touch.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from core.claims import ClaimTree, claim_tree
from core.ids import ANY, KINDS, ObjectId, file_id, kinds_of

SAFE_METHODS = ("GET", "HEAD")


class Do(Enum):
    """What happens to a request on a route."""

    PASS = "pass"  # noqa: S105 - the verb
    """Goes upstream with the account's cookies; nothing of anybody's can be in it."""
    OWN = "own"
    """Goes upstream when every id it names is the caller's; `claims` says what it may make his."""
    FILTER = "filter"
    """A list: answered with what is the caller's, from as many pages as that takes."""
    PAGE = "page"
    """As `own`, and what the page tells of other people is taken out."""
    MASK = "mask"
    """What Grok says of the account itself, without what is private to its owner."""
    VIRTUAL = "virtual"
    """Kept here for each user; the upstream never hears of it. `body` is what nobody has set."""
    EMPTY = "empty"
    """State of the account that nobody shares: `body` stands for there being none."""
    PRIVATE = "private"
    """Has no row, and passes on an account that is the caller's alone. Stands in no file."""
    ANSWER = "answer"
    """Answered here; the upstream never hears of it."""
    REFUSE = "refuse"
    """Closed on shared accounts: billing, account, connectors, delete-all."""
    SIDECAR = "sidecar"
    """One of our own pages or endpoints."""


CHECKED = frozenset({Do.OWN, Do.FILTER, Do.PAGE, Do.MASK, Do.VIRTUAL})
"""On a shared account every id in such a request must be the caller's."""
_NO_NAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of the table. `path` may hold `{name}` segments and end in `/**`; a name that is a
    kind of id (`{conversation}`) means that the segment is one, `{id}` one of whatever kind."""

    path: str
    do: Do
    methods: tuple[str, ...] = SAFE_METHODS
    open: bool = False
    """No mirror session needed."""
    upload: bool = False
    """The request body is streamed upstream, never held here."""
    fields: tuple[str, ...] = ()
    """With `upload`: the fields a form may have on a shared account."""
    first_byte: float = 120.0
    """Seconds the upstream may think before the first byte of its answer."""
    status: int = 200
    body: str = "{}"
    """With `answer`: the JSON that keeps the page working."""
    location: str = ""
    """With `answer`: redirect here instead."""
    ids: Mapping[str, str] = _NO_NAMES
    """Fields of this route that hold ids, beside those of the whole file: name → kind."""
    claims: ClaimTree | None = None
    """Where ids stand in the answer that become the caller's."""
    lists: Mapping[str, str] = _NO_NAMES
    """With `filter`: lists of the answer, and the field that says whose an element is."""
    parallel: tuple[str, ...] = ()
    """With `filter`: lists whose elements belong to those of the first list, by their place."""
    keep: tuple[str, ...] = ()
    """With `filter`: what else of the answer is nobody's secret."""
    frames: str = ""
    """Of a socket: how its frames are read, `chat` or `imagine`; without it a shared account
    opens none here."""
    shared: bool = False
    """With `own`: the share link may be any user's; who made it has published it."""
    anonymous: bool = False
    """Asked for without an account's name, by its egress: what everybody may see."""

    def ids_in_path(self, path: str) -> list[ObjectId]:
        """The ids that the segments of this path hold, as the most forgiving server reads them; an
        empty one, which is nobody's, where it would count the segments otherwise."""
        names, raw = self.path.lstrip("/").split("/"), path.lstrip("/").split("/")
        read = _read_segments(path)
        found = []
        for place, name in enumerate(names):
            kind = name.strip("{}")
            if name.startswith("{") and kind in (ANY, *KINDS):
                value = read[place] if len(read) == len(raw) and place < len(read) else ""
                found.append((kind, file_id(value) if kind == "file" else value))
        return found


class RouteConflictError(ValueError):
    """Two rows claim the same method and path."""


@dataclass(slots=True)
class _Node:
    children: dict[str, "_Node"] = field(default_factory=dict)
    any_segment: "_Node | None" = None
    here: dict[str, Route] = field(default_factory=dict)
    rest: dict[str, Route] = field(default_factory=dict)


class RouteTable:
    """A trie over path segments: literal beats `{name}` beats `**`, whatever the row order."""

    def __init__(self, routes: Sequence[Route] = ()) -> None:
        self.rows = tuple(routes)
        self._root = _Node()
        self._folded = _Node()
        """The same rows without regard to case, for `_read_as`."""
        for route in routes:
            _add(self._root, route, route.path)
        for route in reversed(routes):
            _add(self._folded, route, route.path.casefold(), may_differ_in_case=True)

    def find(self, method: str, path: str) -> Route | None:
        """The most specific row for this method and path (no query), or None.

        A path that somebody else may read as another one counts only if both fall under one row:
        `/conversations/%73oft` is spelled like an id and read as the word that deletes them all.
        """
        found = _first(self._root, path.lstrip("/").split("/"), method)
        if found is None or not _READ_DIFFERENTLY.search(path):
            return found
        return found if self._read_as(method, path) is found else None

    def _read_as(self, method: str, path: str) -> Route | None:
        segments = plain_segments(path)
        return None if segments is None else _first(self._folded, segments, method)


_READ_DIFFERENTLY = re.compile(r"[%;\\A-Z]|//")
_MOST_CODINGS = 4


def plain_segments(path: str) -> list[str] | None:
    """The path as the most forgiving server would read it: every coding undone, parameters cut,
    doubled slashes merged, in small letters. None when it climbs with dots."""
    segments = _read_segments(path.casefold())
    return None if "." in segments or ".." in segments else segments


def _read_segments(path: str) -> list[str]:
    for _ in range(_MOST_CODINGS):
        path = unquote(path)
    segments = [part.partition(";")[0].strip() for part in re.split(r"[/\\]", path)]
    return [part for part in segments if part] or [""]


def _add(root: _Node, route: Route, path: str, *, may_differ_in_case: bool = False) -> None:
    node = root
    segments = path.lstrip("/").split("/")
    takes_rest = segments[-1] == "**"
    for segment in segments[:-1] if takes_rest else segments:
        node = _child(node, segment)
    slot = node.rest if takes_rest else node.here
    for method in route.methods:
        if method in slot and not may_differ_in_case:
            raise RouteConflictError(f"{method} {route.path} appears twice")
        slot[method] = route


def _first(root: _Node, segments: Sequence[str], method: str) -> Route | None:
    return next(_matches(root, segments, 0, method), None)


def _child(node: _Node, segment: str) -> _Node:
    if segment.startswith("{") and segment.endswith("}"):
        node.any_segment = node.any_segment or _Node()
        return node.any_segment
    return node.children.setdefault(segment, _Node())


def _matches(node: _Node, segments: Sequence[str], at: int, method: str) -> Iterator[Route]:
    if at == len(segments):
        if method in node.here:
            yield node.here[method]
    else:
        literal = node.children.get(segments[at])
        if literal:
            yield from _matches(literal, segments, at + 1, method)
        if node.any_segment and segments[at]:
            yield from _matches(node.any_segment, segments, at + 1, method)
    if method in node.rest:
        yield node.rest[method]


def parse_route(row: Mapping[str, object]) -> Route:
    """A row as it stands in the file. Raises ValueError naming the row and what is wrong."""
    known = {"path", "do", "methods", "claims", *_OPTIONAL, *_BY_NAME, *_LISTED}
    unknown = set(row) - known
    if unknown:
        raise ValueError(f"route {row.get('path')}: unknown {', '.join(sorted(unknown))}")
    path = row.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise ValueError(f"route {path!r}: path must start with /")
    options: dict[str, Any] = {
        name: _typed(row, name, kind) for name, kind in _OPTIONAL.items() if name in row
    }
    options |= {name: _by_name(row, name) for name in _BY_NAME if name in row}
    for kind in options.get("ids", {}).values():
        kinds_of(kind)
    options |= {name: tuple(_words(row, name)) for name in _LISTED if name in row}
    if "claims" in row:
        options["claims"] = parse_claims(row["claims"], f"route {path}")
    return Route(path=path, do=_action(row), methods=_methods(row), **options)


_OPTIONAL: dict[str, type] = {
    "open": bool,
    "upload": bool,
    "first_byte": float,
    "status": int,
    "body": str,
    "location": str,
    "shared": bool,
    "anonymous": bool,
    "frames": str,
}
_BY_NAME = ("ids", "lists")
_LISTED = ("parallel", "keep", "fields")


def _typed(row: Mapping[str, object], name: str, kind: type) -> object:
    value = row[name]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind):
        raise ValueError(  # noqa: TRY004 - the file is wrong, not the program
            f"route {row.get('path')}: {name} must be {kind.__name__}"
        )
    return value


def _by_name(row: Mapping[str, object], name: str) -> Mapping[str, str]:
    value = row[name]
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError(f"route {row.get('path')}: {name} must map names to words")
    return MappingProxyType({str(key): word for key, word in value.items()})


def parse_claims(value: object, where: str) -> ClaimTree:
    """Kinds with their paths, as they stand in the file. Raises ValueError."""
    if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError(f"{where}: claims must map kinds to paths")
    try:
        return claim_tree({str(kind): paths.split() for kind, paths in value.items()})
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def _words(row: Mapping[str, object], name: str) -> list[str]:
    value = row[name]
    if not isinstance(value, str):
        raise ValueError(  # noqa: TRY004 - the file is wrong, not the program
            f"route {row.get('path')}: {name} must be words"
        )
    return value.split()


def _action(row: Mapping[str, object]) -> Do:
    actions = {action.value: action for action in Do if action is not Do.PRIVATE}
    try:
        return actions[str(row.get("do", "pass"))]
    except KeyError:
        names = ", ".join(actions)
        raise ValueError(f"route {row.get('path')}: do must be one of {names}") from None


def _methods(row: Mapping[str, object]) -> tuple[str, ...]:
    value = row.get("methods", SAFE_METHODS)
    names = value.split() if isinstance(value, str) else value
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"route {row.get('path')}: methods must be a list of names")
    upper = [name.upper() for name in names]
    if "GET" in upper and "HEAD" not in upper:
        upper.append("HEAD")
    return tuple(upper)
