"""CSV with a header: the columns by any name a neighbour gives them, in any order."""

import csv
from collections.abc import Iterator, Mapping

from core.account_import.entries import field_of, from_entry
from core.account_import.values import Finding, Malformed, Reason
from core.sso_token import clean

_DELIMITERS = ",;\t|"


def is_table(text: str) -> bool:
    """Whether the first line names a column of tokens and at least one other column."""
    return _delimiter(_first_line(text)) is not None


def read(text: str) -> Iterator[Finding]:
    """One finding a row; its place is the line the row ends on."""
    delimiter = _delimiter(_first_line(text)) or ","
    rows = csv.reader(_csv_lines(text), delimiter=delimiter)
    header: list[str] | None = None
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield Malformed(rows.line_num, Reason.NOT_CSV)
            continue
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            header = [clean(cell) for cell in row]
        else:
            yield from_entry(rows.line_num, _entry(header, row))


def _entry(header: list[str], row: list[str]) -> Mapping[str, object]:
    return {name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()}


def _csv_lines(text: str) -> Iterator[str]:
    # `sep=;` is what Excel writes above a table to say how it is cut.
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        yield "\n" if line[:4].casefold() == "sep=" else line + "\n"


def _first_line(text: str) -> str:
    for line in _csv_lines(text[:65_536]):
        if line.strip():
            return line
    return ""


def _delimiter(header: str) -> str | None:
    for delimiter in _DELIMITERS:
        fields = [field_of(clean(cell).strip("\"'")) for cell in header.split(delimiter)]
        if len(fields) > 1 and "token" in fields:
            return delimiter
    return None
