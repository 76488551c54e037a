"""The route table: what each upstream route may do, found by host, method and path.

Data, not code: the table is read from `mitm_config.yaml`. A request that no row describes is
refused without an upstream call, because nobody has decided yet what it may touch.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import unquote

SAFE_METHODS = ("GET", "HEAD")


class Do(Enum):
    """What happens to a request on a route."""

    PASS = "pass"  # noqa: S105 - the verb
    """Goes upstream with the account's cookies."""
    ANSWER = "answer"
    """Answered here; the upstream never hears of it."""
    REFUSE = "refuse"
    """Closed on shared accounts: billing, account, connectors, delete-all."""
    SIDECAR = "sidecar"
    """One of our own pages or endpoints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of the table. `path` may hold `{name}` segments and end in `/**`."""

    path: str
    do: Do
    methods: tuple[str, ...] = SAFE_METHODS
    open: bool = False
    """No mirror session needed."""
    upload: bool = False
    """The request body is streamed upstream, never held here."""
    first_byte: float = 120.0
    """Seconds the upstream may think before the first byte of its answer."""
    status: int = 200
    body: str = "{}"
    """With `answer`: the JSON that keeps the page working."""
    location: str = ""
    """With `answer`: redirect here instead."""


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
    for _ in range(_MOST_CODINGS):
        path = unquote(path)
    segments = [part.partition(";")[0].strip() for part in re.split(r"[/\\]", path.casefold())]
    if "." in segments or ".." in segments:
        return None
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
    known = {"path", "do", "methods", *_OPTIONAL}
    unknown = set(row) - known
    if unknown:
        raise ValueError(f"route {row.get('path')}: unknown {', '.join(sorted(unknown))}")
    path = row.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise ValueError(f"route {path!r}: path must start with /")
    options = {name: _typed(row, name, kind) for name, kind in _OPTIONAL.items() if name in row}
    return Route(path=path, do=_action(row), methods=_methods(row), **options)  # type: ignore[arg-type]


_OPTIONAL: dict[str, type] = {
    "open": bool,
    "upload": bool,
    "first_byte": float,
    "status": int,
    "body": str,
    "location": str,
}


def _typed(row: Mapping[str, object], name: str, kind: type) -> object:
    value = row[name]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind):
        raise ValueError(  # noqa: TRY004 - the file is wrong, not the program
            f"route {row.get('path')}: {name} must be {kind.__name__}"
        )
    return value


def _action(row: Mapping[str, object]) -> Do:
    try:
        return Do(row.get("do", "pass"))
    except ValueError:
        names = ", ".join(action.value for action in Do)
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
