"""Which of the formats a source is written in, and the one reader that then reads it."""

from collections.abc import Iterable, Iterator

from core.account_import import command_lines, cookie_exports, documents, lines, tables
from core.account_import.decoding import decode
from core.account_import.values import (
    MOST_ACCOUNTS,
    Finding,
    ImportedAccount,
    Malformed,
    Reason,
    Recognised,
)

_MOST_PROBLEMS = 10_000  # nobody reads further; each would be a row of the report


def recognise(data: bytes | str) -> Recognised:
    """Everything in the source, in its order; what cannot be read is told by place and reason."""
    text = decode(data)
    if documents.are_in(text):
        name, found = documents.read(text)
        return Recognised(name, "item", _bounded(found))
    if command_lines.are_in(text):
        return Recognised("curl", "item", _bounded(command_lines.read(text)))
    if cookie_exports.is_cookies_txt(text):
        return Recognised("cookies.txt", "item", _bounded(cookie_exports.read_cookies_txt(text)))
    if tables.is_table(text):
        return Recognised("csv", "line", _bounded(tables.read(text)))
    return Recognised("lines", "line", _bounded(lines.read(text)))


def read_items(items: Iterable[str]) -> Recognised:
    """A list whose every item should be one account; each leaves at least one finding."""
    found = (finding for place, item in enumerate(items, 1) for finding in _item(place, item))
    return Recognised("list", "item", _bounded(found))


def _item(place: int, item: str) -> tuple[Finding, ...]:
    return tuple(lines.read_line(place, item)) or (Malformed(place, Reason.EMPTY),)


def _bounded(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(_within_bounds(findings)) or (Malformed(1, Reason.NOTHING),)


def _within_bounds(findings: Iterable[Finding]) -> Iterator[Finding]:
    accounts = problems = 0
    for finding in findings:
        accounts += isinstance(finding, ImportedAccount)
        problems += not isinstance(finding, ImportedAccount)
        if accounts > MOST_ACCOUNTS or problems > _MOST_PROBLEMS:
            yield Malformed(finding.place, Reason.TOO_MANY)
            return
        yield finding
