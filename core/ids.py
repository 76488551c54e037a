"""Where ids of Grok's objects stand in what passes by, and of which kind each is.

The names come from `mitm_config.yaml`. They are compared without case, `_` and `-`, because an
upstream may read `conversation_id`, `conversationId` and `ConversationID` as one. Files are also
named by their place: `users/<account>/<file>/content`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

KINDS = ("conversation", "response", "file", "workspace", "share", "task", "post")

type ObjectId = tuple[str, str]
"""Kind and id."""
ANY = "id"
"""Instead of a kind, where nobody knows which it is: it must be the caller's all the same."""

_SIGNS = re.compile(r"[^a-z0-9]+")
_FILE_PLACE = re.compile(r"(?:\A|/)users/[^/?#]+/(?:generated/)?([^/?#]+)")
_PART = re.compile(r"-part-\d+\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MOST_DEPTH = 60


class UnreadableError(ValueError):
    """A request that two readers may understand differently; it goes nowhere."""


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A key or parameter as the most forgiving reader would compare it."""
    return _SIGNS.sub("", name.casefold())


@dataclass(frozen=True, slots=True)
class IdNames:
    """Plain names of fields that hold ids, with the kind of each."""

    kinds: Mapping[str, str]
    texts: frozenset[str] = frozenset()
    """Plain names of fields that hold what a person wrote: nothing is looked for in them."""
    public: frozenset[str] = frozenset()
    """Ids that are everybody's, as the templates Grok itself offers."""

    places: bool = True
    """Whether files are also found by their place."""
    spelt: tuple[str, ...] = ()
    """The names of `kinds` as the file spells them."""

    def without_files(self) -> "IdNames":
        """The same for readers whom files do not concern."""
        kinds = {name: kind for name, kind in self.kinds.items() if kind != "file"}
        return replace(self, kinds=kinds, places=False)

    def kind_of(self, name: str) -> str | None:
        return self.kinds.get(plain_name(name))

    def also(self, further: Mapping[str, str]) -> "IdNames":
        """The same with a route's own names, which win."""
        if not further:
            return self
        plain = {plain_name(name): kind for name, kind in further.items()}
        return replace(self, kinds={**self.kinds, **plain})


@dataclass(frozen=True, slots=True)
class Found:
    """What a request speaks of: `named` must be the caller's; `loose` (ids under names nobody
    knows) must at least not be somebody else's."""

    named: frozenset[ObjectId]
    loose: frozenset[str]

    def __or__(self, other: "Found") -> "Found":
        return Found(self.named | other.named, self.loose | other.loose)


NOTHING = Found(frozenset(), frozenset())


def file_id(segment: str) -> str:
    """The id of a file whose name in a path may carry the part it is of."""
    return _PART.sub("", segment)


def placed_file(text: str) -> str | None:
    """The id of the file that a place (`users/<account>/<file>/content`) or its URL names."""
    place = _FILE_PLACE.search(text)
    return file_id(place[1]) if place else None


def ids_in_json(value: object, names: IdNames) -> Found:
    """All ids of a JSON value. Raises UnreadableError when it nests too deep."""
    named: set[ObjectId] = set()
    loose: set[str] = set()
    for name, leaf in _leaves(value, "", 0):
        _sort(name, leaf, names, named, loose)
    return Found(frozenset(named), frozenset(loose))


def ids_of_kind(value: object, names: IdNames, kind: str) -> set[str]:
    """The ids of one kind in a JSON value; quicker than all of them, as each token of a chat is
    asked this. Raises UnreadableError when it nests too deep."""
    found: set[str] = set()
    _collect(value, "", names, kind, found)
    return found


def _collect(
    value: object, name: str, names: IdNames, kind: str, found: set[str], depth: int = 0
) -> None:
    if depth > MOST_DEPTH:
        raise UnreadableError("nested too deep")
    if isinstance(value, dict):
        for key, member in value.items():
            _collect(member, key, names, kind, found, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _collect(member, name, names, kind, found, depth + 1)
    elif value and names.kind_of(name) == kind and str(value) not in names.public:
        found.add(str(value))


def ids_in_query(query: str, names: IdNames) -> Found:
    """All ids of a query string."""
    named: set[ObjectId] = set()
    loose: set[str] = set()
    for pair in re.split("[&;]", query):
        name, _, value = pair.partition("=")
        # A list may also be written `ids[]=a` or `ids=a,b`.
        for part in unquote_plus(value).split(","):
            _sort(_last_name(unquote_plus(name), names), part, names, named, loose)
    return Found(frozenset(named), frozenset(loose))


def _last_name(name: str, names: IdNames) -> str:
    """`filter.conversationId` and `filter[conversationId]` name what their last part names."""
    parts = [part for part in re.split(r"[.\[\]]+", name) if part]
    return next((part for part in reversed(parts) if names.kind_of(part)), name)


def own_fields(value: Mapping[str, Any], names: IdNames) -> Iterator[ObjectId]:
    """The ids of an object itself: what lies in lists inside it speaks for itself."""
    for name, member in value.items():
        if isinstance(member, Mapping):
            yield from own_fields(member, names)
        elif isinstance(member, str | int) and not isinstance(member, bool):
            yield from _named(name, str(member), names)


def _leaves(value: object, name: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > MOST_DEPTH:
        raise UnreadableError("nested too deep")
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _leaves(member, key, depth + 1)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member, name, depth + 1)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield name, str(value)


def _sort(name: str, leaf: str, names: IdNames, named: set[ObjectId], loose: set[str]) -> None:
    found = list(_named(name, leaf, names))
    if found:
        named.update(found)
    elif plain_name(name) not in names.texts:
        loose.update(match[0] for match in _UUID.finditer(leaf[:400]))


def _named(name: str, leaf: str, names: IdNames) -> Iterator[ObjectId]:
    kind = names.kind_of(name)
    if kind:
        if leaf and leaf not in names.public:
            yield kind, (placed_file(leaf) or file_id(leaf)) if kind == "file" else leaf
        return
    place = placed_file(leaf) if names.places else None
    if place and plain_name(name) not in names.texts:
        yield "file", place


def kinds_of(text: str) -> Iterable[str]:
    """The kinds of a list as it stands in the file. Raises ValueError for an unknown one."""
    kinds = text.split()
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise ValueError(f"no such kind of id: {', '.join(unknown)}")
    return kinds
