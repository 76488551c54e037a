"""A list of an account cut down to what is the caller's, over as many pages as that takes.

Whatever the answer holds beside the lists that the route names is left out: counters, cursors and
fields that nobody has looked at could tell of other people.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.ids import IdNames, ObjectId, ids_in_json, own_fields, plain_name
from core.routes import Route

TOKEN_NAMES = ("nextPageToken", "nextCursor")
DEFAULT_SIZE, LARGEST_SIZE = 60, 100
MOST_PAGES = 20


class NoListError(ValueError):
    """The upstream's answer is not the list it should be; nothing of it is shown."""


def ids_of_page(page: Mapping[str, Any], names: IdNames) -> frozenset[ObjectId]:
    """Everything whose owner must be known before the page can be cut down."""
    return ids_in_json(page, names).named


def next_token(page: Mapping[str, Any]) -> str:
    """The upstream's cursor for what comes after this page; empty at the end."""
    value = next((page[name] for name in TOKEN_NAMES if page.get(name)), "")
    return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins: the upstream's own cursor, and how many of the caller's are
    passed over there. The upstream's may be somebody's id, so it never leaves unsealed."""

    token: str = ""
    skip: int = 0


@dataclass(slots=True)
class OwnList:
    """Collects pages until there is enough; `wanted` is how many elements the caller asked for."""

    route: Route
    names: IdNames
    wanted: int
    answer: dict[str, Any] = field(default_factory=dict)
    cursor: Cursor | None = None
    """Where to go on, once it is `full` or the end is not reached."""
    full: bool = False

    def add(self, page: object, mine: frozenset[ObjectId], at: Cursor) -> None:
        """One page of the upstream, which began at `at`."""
        if not isinstance(page, dict):
            raise NoListError("not an object")
        first, *others = self.route.lists
        kept = self._kept(page, first, mine)[at.skip :]
        room = self.wanted - len(self.answer.get(first, ()))
        for name in (first, *self.route.parallel):
            whole = _elements(page, name)
            fits = name == first or len(whole) == len(_elements(page, first))
            picked = [self._clean(whole[i], mine) for i in kept[:room]] if fits else []
            self.answer.setdefault(name, []).extend(picked)
        for name in others:
            whole = _elements(page, name)
            picked = [self._clean(whole[i], mine) for i in self._kept(page, name, mine)]
            self.answer.setdefault(name, []).extend(picked)
        for name in self.route.keep:
            if name in page:
                self.answer.setdefault(name, page[name])
        following = next_token(page)
        self.full = len(kept) >= room
        if len(kept) > room:
            self.cursor = Cursor(at.token, at.skip + room)
        else:
            self.cursor = Cursor(following) if following else None

    def _kept(self, page: Mapping[str, Any], name: str, mine: frozenset[ObjectId]) -> list[int]:
        """The places of the caller's elements in a list."""
        says = self.route.lists[name]
        return [
            place
            for place, element in enumerate(_elements(page, name))
            if _is_his(element, says, self.names, mine)
        ]

    def _clean(self, value: Any, mine: frozenset[ObjectId]) -> Any:  # noqa: ANN401 - JSON
        return without_foreign(value, self.names, mine)


def without_foreign(
    value: Any,  # noqa: ANN401 - JSON
    names: IdNames,
    mine: frozenset[ObjectId],
) -> Any:  # noqa: ANN401 - JSON
    """The value without what bears somebody else's id: elements are left out, members become
    null, ids that stand alone become empty."""
    if isinstance(value, list):
        return [
            without_foreign(element, names, mine)
            for element in value
            if not _is_foreign(element, names, mine)
        ]
    if not isinstance(value, dict):
        return value
    return {name: _member(name, member, names, mine) for name, member in value.items()}


def _member(
    name: str,
    member: Any,  # noqa: ANN401 - JSON
    names: IdNames,
    mine: frozenset[ObjectId],
) -> Any:  # noqa: ANN401 - JSON
    if isinstance(member, dict):
        return None if _is_foreign(member, names, mine) else without_foreign(member, names, mine)
    if isinstance(member, list):
        plain = [
            e for e in member if not (isinstance(e, str) and _foreign_leaf(name, e, names, mine))
        ]
        return without_foreign(plain, names, mine)
    if isinstance(member, str) and _foreign_leaf(name, member, names, mine):
        return ""
    return member


def _is_foreign(element: object, names: IdNames, mine: frozenset[ObjectId]) -> bool:
    """Whether the object itself is somebody else's, by an id at its top."""
    if not isinstance(element, dict):
        return False
    top = {k: v for k, v in element.items() if not isinstance(v, dict | list)}
    ids = set(own_fields(top, names))
    return bool(ids) and not ids & mine


def _foreign_leaf(name: str, leaf: str, names: IdNames, mine: frozenset[ObjectId]) -> bool:
    ids = ids_in_json({name: leaf}, names).named
    return bool(ids) and not ids <= mine


def _is_his(element: object, field_name: str, names: IdNames, mine: frozenset[ObjectId]) -> bool:
    """By the field that the route names; an element without it is nobody's."""
    value = _field(element, plain_name(field_name))
    ids = ids_in_json({field_name: value}, names).named if isinstance(value, str | int) else ()
    return bool(ids) and mine.issuperset(ids)


def _field(element: object, name: str) -> object:
    """The first field of this plain name, at the top before deeper down."""
    if not isinstance(element, dict):
        return None
    for key, value in element.items():
        if plain_name(key) == name:
            return value
    inner = (_field(member, name) for member in element.values() if isinstance(member, dict))
    return next((value for value in inner if value is not None), None)


def _elements(page: Mapping[str, Any], name: str) -> list[Any]:
    value = page.get(name, [])
    if value is None:
        return []
    if not isinstance(value, list):
        raise NoListError(f"{name} is no list")
    return value


def page_size(values: Iterable[object]) -> int:
    """How many elements the caller gets: what he asks for, within bounds."""
    for value in values:
        if isinstance(value, int | str) and str(value).isdecimal() and int(value) > 0:
            return min(int(value), LARGEST_SIZE)
    return DEFAULT_SIZE
