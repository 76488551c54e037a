"""Reads JSON as models write it: fenced, with commas too many, curly quotes, lone backslashes.

Only slips whose meaning is beyond doubt are mended; anything else is no JSON.
"""

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

LONGEST = 2**20

_FENCE = re.compile(r"```[\w-]*[ \t]*\n?")
# A string that does not end is taken to the end of the text, so that each character is read once.
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|,(?=\s{0,1000}+[}\]])', re.DOTALL)
_BAD_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|(?=.))', re.DOTALL)
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"'})


def loads(text: str) -> Any:  # noqa: ANN401
    """The value; ValueError when no cheap repair makes JSON of it."""
    if len(text) > LONGEST:
        raise ValueError("too long to be read as JSON")
    first: ValueError | None = None
    for repair in _REPAIRS:
        text = repair(text)
        try:
            return strict_loads(text)
        except ValueError as error:
            first = first or error
    raise first or ValueError("no JSON")


def strict_loads(text: str) -> Any:  # noqa: ANN401
    """The value of JSON text as it stands, raw newlines in strings forgiven."""
    try:
        return json.loads(text, strict=False, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def without_fence(text: str) -> str:
    """The inside of a code fence, where the text begins with one."""
    text = text.strip()
    fence = _FENCE.match(text)
    return text[fence.end() :].removesuffix("```").rstrip() if fence else text


def _without_spare_commas(text: str) -> str:
    return _STRING_OR_COMMA.sub(lambda found: "" if found[0] == "," else found[0], text)


def _with_whole_escapes(text: str) -> str:
    return _BAD_ESCAPE.sub(lambda found: found[0] if found[1] else r"\\", text)


def _with_plain_quotes(text: str) -> str:
    return text.translate(_QUOTES)


def _as_it_stands(text: str) -> str:
    return text


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


# In this order, each on top of the former; curly quotes last, as they may stand inside strings.
_REPAIRS: tuple[Callable[[str], str], ...] = (
    _as_it_stands,
    without_fence,
    _without_spare_commas,
    _with_whole_escapes,
    _with_plain_quotes,
)
