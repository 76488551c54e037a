"""Makes a JSON schema short enough to be read by a model: references put in, ornaments left out.

Never changes what the schema allows, with one exception: a list of very many values is cut.
"""

from collections.abc import Mapping
from typing import Any

LONGEST_ENUM = 40
DEEPEST = 12
MOST_SCHEMAS = 5_000
"""References may refer to references, and a short schema unfold into millions."""

_ORNAMENTS = {"$schema", "$id", "$comment", "title", "examples", "example", "$defs", "definitions"}
_MAPS = {"properties", "patternProperties", "dependentSchemas"}
"""Keys whose value maps names to schemas; a property may well be called `title`."""


def compact_schema(schema: Mapping[str, Any], *, longest_note: int | None = None) -> dict[str, Any]:
    """The same schema with fewer words; `longest_note` bounds each description."""
    return _Compactor(schema, longest_note).schema(schema, 0, ())


class _Compactor:
    """Walks one schema; references point into its root."""

    def __init__(self, root: Mapping[str, Any], longest_note: int | None) -> None:
        self._root, self._longest_note = root, longest_note
        self._left = MOST_SCHEMAS

    def schema(
        self, schema: Mapping[str, Any], depth: int, seen: tuple[str, ...]
    ) -> dict[str, Any]:
        self._left -= 1
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._referred(schema, reference, depth, seen)
        if depth > DEEPEST or self._left < 0:
            return {key: schema[key] for key in ("type",) if key in schema}
        kept = {key: value for key, value in schema.items() if key not in _ORNAMENTS}
        if kept.get("additionalProperties") is False:
            del kept["additionalProperties"]
        return {key: self._value(key, value, depth, seen) for key, value in kept.items()}

    def _referred(
        self, schema: Mapping[str, Any], reference: str, depth: int, seen: tuple[str, ...]
    ) -> dict[str, Any]:
        target = self._target(reference)
        if target is None or reference in seen or depth > DEEPEST or self._left < 0:
            return {"description": f"as in {reference.rpartition('/')[2]}"}
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return self.schema({**target, **rest}, depth + 1, (*seen, reference))

    def _target(self, reference: str) -> Mapping[str, Any] | None:
        value: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else None

    def _value(self, key: str, value: object, depth: int, seen: tuple[str, ...]) -> object:
        if key == "description" and isinstance(value, str):
            return value[: self._longest_note] if self._longest_note is not None else value
        if key == "enum" and isinstance(value, list) and len(value) > LONGEST_ENUM:
            return value[:LONGEST_ENUM]
        if key in _MAPS and isinstance(value, dict):
            return {
                name: self._schema_or_value(inner, depth, seen) for name, inner in value.items()
            }
        if key in ("enum", "const", "default", "required"):
            return value
        if isinstance(value, list):
            return [self._schema_or_value(inner, depth, seen) for inner in value]
        return self._schema_or_value(value, depth, seen)

    def _schema_or_value(self, value: object, depth: int, seen: tuple[str, ...]) -> object:
        return self.schema(value, depth + 1, seen) if isinstance(value, dict) else value
