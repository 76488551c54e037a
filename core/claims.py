"""Finds the ids in an answer that become the caller's, before the answer is told to him.

Only places that Grok fills in are looked at, named as paths (`responses[].responseId`): what a
model writes, and be it the arguments of a tool, must not make anybody the owner of anything. An id
that is not found is nobody's and refused later: that is inconvenient, never a leak.

A path: names joined by dots; `name?` may be missing; `name[]` is each element of a list; `name{}`
is JSON in a string.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.ids import ObjectId, file_id, kinds_of, placed_file

MOST_HELD = 16 * 1024 * 1024
_STEP = re.compile(r"([\w-]+)(\?|\[\]|\{\})?")


class AnswerTooLongError(Exception):
    """Too much would have to be held until it can be read."""


@dataclass(slots=True)
class ClaimTree:
    """Paths, folded into one tree: `kind` is what stands here, "" for nothing."""

    kind: str = ""
    members: dict[str, "ClaimTree"] = field(default_factory=dict)
    elements: "ClaimTree | None" = None
    inner: "ClaimTree | None" = None

    def ids_in(self, value: object) -> Iterator[ObjectId]:
        """Every id that stands in one of the places."""
        if isinstance(value, dict):
            for name, member in self.members.items():
                if name in value:
                    yield from member.ids_in(value[name])
        elif isinstance(value, list) and self.elements:
            for element in value:
                yield from self.elements.ids_in(element)
        elif isinstance(value, str) and value:
            yield from self._ids_of(value)

    def _ids_of(self, text: str) -> Iterator[ObjectId]:
        if self.kind:
            yield self.kind, _plain(self.kind, text)
        if self.inner:
            yield from self.inner.ids_in(_json_or_none(text))


def claim_tree(places: Mapping[str, Iterable[str]]) -> ClaimTree:
    """The tree of `kind → paths`. Raises ValueError for what is no kind or no path."""
    root = ClaimTree()
    for kind, paths in places.items():
        kinds_of(kind)
        for path in paths:
            for steps in _alternatives(path):
                _add(root, steps, kind)
    return root


class ClaimStage:
    """A stage of a body, whether one document or a line for each event: `claim` gets the ids of
    each piece before the piece goes on; what it raises ends the answer there."""

    def __init__(self, tree: ClaimTree, claim: Callable[[set[ObjectId]], None]) -> None:
        self._tree, self._claim = tree, claim
        self._held = b""
        self._is_document = False
        """A line that is not JSON by itself: the whole is held, as one document."""

    def feed(self, data: bytes) -> bytes:
        self._held += data
        if len(self._held) > MOST_HELD:
            raise AnswerTooLongError
        cut = 0 if self._is_document else self._held.rfind(b"\n", -len(data) or None) + 1
        if not cut:
            return b""
        ready, rest = self._held[:cut], self._held[cut:]
        if not self._note(ready):
            self._is_document = True
            return b""
        self._held = rest
        return ready

    def flush(self) -> bytes:
        ready, self._held = self._held, b""
        self._note(ready)
        return ready

    def _note(self, text: bytes) -> bool:
        """Claim what is there; False when it is not whole JSON."""
        found: set[ObjectId] = set()
        try:
            for value in _values(text):
                found.update(self._tree.ids_in(value))
        except (ValueError, RecursionError):
            return False
        if found:
            self._claim(found)
        return True


def _values(text: bytes) -> Iterator[Any]:
    """The JSON values of some lines: one each, several glued together, or behind `data:`."""
    rest = text.decode().strip()
    while rest:
        rest = rest.removeprefix("data:").lstrip()
        if rest.startswith("[DONE]"):
            rest = rest.removeprefix("[DONE]").lstrip()
            continue
        value, end = _DECODER.raw_decode(rest)
        yield value
        rest = rest[end:].lstrip()


_DECODER = json.JSONDecoder()


def _plain(kind: str, value: str) -> str:
    return (placed_file(value) or file_id(value)) if kind == "file" else value


def _json_or_none(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _alternatives(path: str) -> list[list[tuple[str, str]]]:
    """The path with and without each of its optional steps."""
    found: list[list[tuple[str, str]]] = [[]]
    for part in path.split("."):
        step = _STEP.fullmatch(part)
        if step is None:
            raise ValueError(f"no path: {path}")
        name, sign = step[1], step[2] or ""
        longer = [[*steps, (name, "" if sign == "?" else sign)] for steps in found]
        found = [*longer, *found] if sign == "?" else longer
    return found


def _add(root: ClaimTree, steps: Iterable[tuple[str, str]], kind: str) -> None:
    tree = root
    for name, sign in steps:
        tree = tree.members.setdefault(name, ClaimTree())
        if sign == "[]":
            tree.elements = tree = tree.elements or ClaimTree()
        elif sign == "{}":
            tree.inner = tree = tree.inner or ClaimTree()
    tree.kind = kind
