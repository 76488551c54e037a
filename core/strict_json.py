"""JSON as every reader would read it: what two readers may take differently is refused.

A check that reads a body otherwise than Grok does is no check: keys that stand twice (in whatever
case), other encodings than UTF-8 and numbers that are none are therefore errors.
"""

import json
from typing import Any

from core.ids import UnreadableError


def read_json(data: bytes) -> Any:  # noqa: ANN401 - JSON
    """The value of a whole body. Raises UnreadableError."""
    text = _text(data)
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("not plain JSON") from error


def read_answer(data: bytes) -> Any:  # noqa: ANN401 - JSON
    """What Grok answers, which is written anew before it goes on: one reading is enough. Raises
    UnreadableError."""
    try:
        return json.loads(_text(data))
    except (ValueError, RecursionError) as error:
        raise UnreadableError("no JSON") from error


def read_objects(data: bytes) -> list[dict[str, Any]]:
    """The objects of a frame of the chat socket, glued together or not. Raises UnreadableError."""
    text, objects = _text(data), []
    while text := text.lstrip(" \t\r\n"):
        try:
            value, end = _DECODER.raw_decode(text)
        except (ValueError, RecursionError) as error:
            raise UnreadableError("not plain JSON") from error
        if not isinstance(value, dict):
            raise UnreadableError("not an object")
        objects.append(value)
        text = text[end:]
    return objects


def write_json(value: object) -> bytes:
    """The same, as compact as the page writes it. A lone surrogate stays an escape."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UnreadableError("not UTF-8") from error


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name.casefold() for name, _ in pairs}) != len(pairs):
        raise ValueError("a key appears twice")
    return dict(pairs)


def _no_constant(name: str) -> Any:  # noqa: ANN401 - as json declares it
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
