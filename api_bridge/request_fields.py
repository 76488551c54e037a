"""Reads a request's JSON field by field: null is absent, a wrong type is a 400 with its path.

Knows types and paths only; what the fields mean is decided where they are read.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from api_bridge.errors import BadRequestError

LARGEST_NUMBER = 2**53
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class RequestFields:
    """An object in the request and the path that leads to it."""

    values: dict[str, Any]
    path: str = ""

    @classmethod
    def of(cls, value: object, path: str = "") -> "RequestFields":
        if not isinstance(value, dict):
            wrong_type(path or None, "an object", value)
        return cls(value, path)

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def get(self, name: str) -> object:
        return self.values.get(name)

    def text(self, name: str) -> str | None:
        value = self.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            wrong_type(self.at(name), "a string", value)
        return clean(value)

    def needed_text(self, name: str) -> str:
        text = self.text(name)
        if not text or not text.strip():
            self.missing(name)
        return text

    def flag(self, name: str) -> bool | None:
        value = self.get(name)
        if value is not None and not isinstance(value, bool):
            wrong_type(self.at(name), "a boolean", value)
        return value

    def number(self, name: str) -> int | None:
        """An integer; 100.0 is one, true is none."""
        value = self.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            wrong_type(self.at(name), "an integer", value)
        if isinstance(value, float) and not (math.isfinite(value) and value.is_integer()):
            wrong_type(self.at(name), "an integer", value)
        return int(max(-LARGEST_NUMBER, min(LARGEST_NUMBER, value)))

    def fields(self, name: str) -> "RequestFields | None":
        value = self.get(name)
        return None if value is None else RequestFields.of(value, self.at(name))

    def elements(self, name: str) -> list[Any]:
        value = self.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            wrong_type(self.at(name), "a list", value)
        return value

    def objects(self, name: str) -> Iterator["RequestFields"]:
        for index, value in enumerate(self.elements(name)):
            yield RequestFields.of(value, f"{self.at(name)}[{index}]")

    def texts(self, name: str) -> list[str]:
        """A string, or a list of them."""
        value = self.get(name)
        if isinstance(value, str):
            return [clean(value)]
        for index, element in enumerate(self.elements(name)):
            if not isinstance(element, str):
                wrong_type(f"{self.at(name)}[{index}]", "a string", element)
        return [clean(element) for element in self.elements(name)]

    def missing(self, name: str) -> NoReturn:
        path = self.at(name)
        raise BadRequestError(
            f"Missing required parameter: '{path}'.", path, "missing_required_parameter"
        )

    def invalid(self, name: str, message: str, code: str = "invalid_value") -> NoReturn:
        path = self.at(name)
        raise BadRequestError(f"Invalid value for '{path}': {message}", path, code)


def wrong_type(path: str | None, wanted: str, value: object) -> NoReturn:
    """Refuse a value of another type than asked for."""
    where = f"'{path}'" if path else "the request body"
    message = f"Invalid type for {where}: expected {wanted}, but got {_type_name(value)} instead."
    raise BadRequestError(message, path, "invalid_type")


def refuse_deep_nesting(body: object) -> None:
    """Refuse what a recursive reader or writer could not stand."""
    level: list[object] = [body]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _children(value)]
        if not level:
            return
    raise BadRequestError(f"The request is nested deeper than {DEEPEST} levels.")


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def clean(text: str) -> str:
    """Without lone surrogates, which JSON can spell and no encoding can write."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _type_name(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "an object"
