"""JSON of every neighbour: which of their shapes an object has, and the entries inside it.

One document, one object a line, or objects one after another. Entries are numbered through.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from core.account_import import cookie_exports
from core.account_import.entries import from_entry, from_text, key, tier_of
from core.account_import.values import Finding, Malformed, Reason

OUR_FORMAT = "grok-mirror/1"
_FAMILY = "grok-mirror/"
_GROK2API = ("ssobasic", "ssonormal", "ssosuper", "ssoheavy", "basic", "normal", "super", "heavy")
_LISTS = ("accounts", "sso_token_list", "tokens", "data", "items")
_BLANK = re.compile(r"[\s,\x1e]*")  # U+001E: JSON text sequences
_DEEPEST = 4

type Place = Callable[[], int]


def are_in(text: str) -> bool:
    """Whether the text can only be JSON."""
    return text.lstrip()[:1] in ("{", "[")


def read(text: str) -> tuple[str, Iterable[Finding]]:
    """What the documents are, and everything in them."""
    documents, broken = _documents(text)
    name = next((_name(document) for document in documents), "json")
    return name, _findings(documents, broken)


def _findings(documents: list[Any], broken: int) -> Iterator[Finding]:
    count = 0
    for document in documents:
        for finding in _accounts(document, "", "", 0):
            count += 1
            yield _at(finding, count)
    for place in range(count + 1, count + 1 + broken):
        yield Malformed(place, Reason.NOT_JSON)


def _at(finding: Finding, place: int) -> Finding:
    return replace(finding, place=place)


def _documents(text: str) -> tuple[list[Any], int]:
    """Every document, and how many lines behind the first mistake are none.

    From the mistake on it goes line by line: each is read once, so the time stays linear.
    """
    decoder, at = json.JSONDecoder(), 0
    documents: list[Any] = []
    while (at := _skip(text, at)) < len(text):
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return _line_by_line(documents, text[at:])
        documents.append(document)
    return documents, 0


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _line_by_line(documents: list[Any], rest: str) -> tuple[list[Any], int]:
    broken, found = 0, []
    for line in filter(None, map(str.strip, rest.split("\n"))):
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            broken += 1
            continue
        if isinstance(document, dict):
            found.append(document)
    # Lines of one long, cut document say nothing one by one.
    return documents + found, broken if found else 1


def _name(document: object) -> str:
    if not isinstance(document, Mapping):
        return "json"
    if str(document.get("format", ""))[:20].startswith(_FAMILY):
        return OUR_FORMAT
    if any(key(name) in _GROK2API for name in document):
        return "grok2api"
    return "cookies" if isinstance(document.get("cookies"), list) else "json"


def _accounts(document: object, tier: str, provider: str, depth: int) -> Iterator[Finding]:
    """Findings without a place yet."""
    if isinstance(document, str):
        yield from_text(0, document, tier)
    elif isinstance(document, list) and depth < _DEEPEST:
        yield from _list(document, tier, provider, depth + 1)
    elif isinstance(document, Mapping) and depth < _DEEPEST:
        yield from _object(document, tier, provider, depth + 1)
    else:
        yield Malformed(0, Reason.NO_TOKEN)


def _list(items: list[Any], tier: str, provider: str, depth: int) -> Iterator[Finding]:
    if items and all(isinstance(item, Mapping) and _is_cookie(item) for item in items):
        yield from cookie_exports.accounts(0, cookie_exports.cookies_of(items))
        return
    for item in items:
        yield from _accounts(item, tier, provider, depth)


def _is_cookie(item: Mapping[str, Any]) -> bool:
    return "value" in item and "name" in item


def _object(found: Mapping[str, Any], tier: str, provider: str, depth: int) -> Iterator[Finding]:
    shape = str(found.get("format", ""))[:40] if isinstance(found.get("format"), str) else ""
    if shape.startswith(_FAMILY) and shape != OUR_FORMAT:
        yield Malformed(0, Reason.LATER_FORMAT)
    elif isinstance(found.get("cookies"), list):
        yield from _list(found["cookies"], tier, provider, depth)
    elif grouped := [name for name in found if key(name) in _GROK2API and _many(found[name])]:
        for name in grouped:
            yield from _group(found[name], tier_of(name), depth)
    elif listed := [name for name in _LISTS if _many(found.get(name))]:
        of = found.get("provider", provider)
        yield from _accounts(found[listed[0]], tier, of if isinstance(of, str) else "", depth)
    else:
        yield from_entry(0, {"provider": provider} | dict(found), tier)


def _many(value: object) -> bool:
    return isinstance(value, list | Mapping)


def _group(group: Any, tier: str, depth: int) -> Iterator[Finding]:  # noqa: ANN401  any JSON
    """A tier of grok2api: a list, or in its first version an object whose keys are the tokens."""
    if isinstance(group, Mapping):
        for token, about in group.items():
            more = about if isinstance(about, Mapping) else {}
            yield from_entry(0, dict(more) | {"sso_token": token}, tier)
        return
    yield from _list(group, tier, "", depth)
