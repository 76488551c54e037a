"""React's flight payload: rows of `id:json` lines and of texts with a length, read and written.

A row refers to another as `"$id"`. What is taken out of one row may leave a text in another that
nobody refers to any more; such rows go with it.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

_HEAD = re.compile(rb"([0-9a-fA-F]*):([A-Z]?)")
_REFERENCE = re.compile(rb'"\$[@LFQWB]?([0-9a-fA-F]+)(?=[":])')
_TEXTS = frozenset(
    {b"T", b"A", b"O", b"o", b"U", b"S", b"s", b"L", b"l", b"G", b"g", b"M", b"m", b"V"}
)
"""Tags whose row is so many bytes, behind `length,`."""


_AS_THEY_ARE = frozenset({b"I", b"H"})
"""Modules to load and hints: names of files."""


class UnreadableFlightError(ValueError):
    """Not rows as React writes them; nothing is known of what is in it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `body` is JSON text, or with `is_text` the plain bytes."""

    id: bytes
    tag: bytes
    body: bytes
    is_text: bool = False
    span: tuple[int, int] = field(default=(0, 0), compare=False)
    """Where it stood in the payload."""

    @property
    def value(self) -> Any:  # noqa: ANN401 - JSON
        """Raises UnreadableFlightError."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise UnreadableFlightError("a row is no JSON") from error

    def with_value(self, value: object) -> "Row":
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return replace(self, body=text.encode("utf-8", "surrogatepass"))

    def __bytes__(self) -> bytes:
        if self.is_text:
            return b"%b:%b%x,%b" % (self.id, self.tag, len(self.body), self.body)
        return b"%b:%b%b\n" % (self.id, self.tag, self.body)


def read_rows(text: bytes) -> list[Row]:
    """The rows of a whole payload. Raises UnreadableFlightError."""
    rows, at = [], 0
    while at < len(text):
        if text[at : at + 1] == b"\n":
            at += 1
            continue
        head = _HEAD.match(text, at)
        if head is None:
            raise UnreadableFlightError("a row has no head")
        if head[2] in _TEXTS and (comma := text.find(b",", head.end())) > 0:
            size = _size(text[head.end() : comma])
            if size is not None:
                body = text[comma + 1 : comma + 1 + size]
                begin, at = at, comma + 1 + size
                rows.append(Row(head[1], head[2], body, is_text=True, span=(begin, at)))
                continue
        end = text.find(b"\n", head.end())
        end = len(text) if end < 0 else end
        rows.append(Row(head[1], head[2], text[head.end() : end], span=(at, end + 1)))
        at = end + 1
    return rows


def edited_rows(
    rows: Sequence[Row], edit: Callable[[Any], Any], texts_of: Callable[[Any], set[str]]
) -> list[Row]:
    """Every row with its value edited; rows that lost whoever referred to them become null. A row
    that cannot be read becomes null too: nobody knows what is in it. A row that is all text stays
    when `texts_of` names it for some value: it has nothing else to be judged by."""
    edited = [_edited(row, edit) for row in rows]
    referred = _referred(rows)
    while True:
        lost = referred - _referred(edited)
        kept = [_emptied(row) if row.id in lost else row for row in edited]
        if kept == edited:
            break
        edited = kept
    values = [row.value for row in edited if not (row.is_text or row.tag in _AS_THEY_ARE)]
    wanted = {name.encode() for value in values for name in texts_of(value)}
    return [_emptied(row) if _is_all_text(row) and row.id not in wanted else row for row in edited]


def write_rows(rows: Sequence[Row]) -> bytes:
    """The payload of these rows."""
    return b"".join(map(bytes, rows))


def _edited(row: Row, edit: Callable[[Any], Any]) -> Row:
    if row.is_text or row.tag in _AS_THEY_ARE:
        return row
    try:
        value = row.value
    except UnreadableFlightError:
        return _emptied(row)
    changed = edit(value)
    return row if changed == value else row.with_value(changed)


def _is_all_text(row: Row) -> bool:
    return row.is_text or (row.tag not in _AS_THEY_ARE and isinstance(row.value, str))


def _emptied(row: Row) -> Row:
    return replace(row, body=b"" if row.is_text else b"null", tag=row.tag if row.is_text else b"")


def _referred(rows: Sequence[Row]) -> set[bytes]:
    return {found for row in rows if not row.is_text for found in _REFERENCE.findall(row.body)}


def _size(text: bytes) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None
