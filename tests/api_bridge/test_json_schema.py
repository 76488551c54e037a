"""Checking answers against a caller's schema, hostile ones included."""

import json
import time
from typing import Any

import pytest
from hypothesis import given

from api_bridge.json_output import JsonFormat
from api_bridge.json_schema import complaint
from tests.api_bridge.recordings import json_values

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"$ref": "#/$defs/Age"}},
    "required": ["name", "age"],
    "additionalProperties": False,
    "$defs": {"Age": {"type": "integer", "minimum": 0}},
}


@pytest.mark.parametrize(
    ("answer", "words"),
    {
        "right": ('{"name": "Ann", "age": 7}', None),
        "right, in a fence": ('```json\n{"name": "Ann", "age": 7}\n```', None),
        "a key is missing": ('{"name": "Ann"}', "'age' is a required property"),
        "a key too many": ('{"name": "Ann", "age": 7, "x": 1}', "'x' was unexpected"),
        "a wrong type": ('{"name": "Ann", "age": "7"}', "(at age): '7' is not of type 'integer'"),
        "no JSON": ("Ann is seven.", "That is not JSON."),
    }.values(),
    ids=str,
)
def test_an_answer_is_told(answer: str, words: str | None) -> None:
    said = complaint(answer, JsonFormat(PERSON))
    assert said is None if words is None else words in (said or "")


def test_without_a_schema_any_object_will_do() -> None:
    assert complaint('{"a": 1}', JsonFormat()) is None
    assert complaint("[1]", JsonFormat()) == "Answer again with a JSON object."


LAYERS = {f"L{n}": {"allOf": [{"$ref": f"#/$defs/L{n + 1}"}] * 10} for n in range(9)}
HOSTILE: dict[str, dict[str, Any]] = {
    "no schema at all": {"type": 5},
    "a reference to another host": {"$ref": "http://169.254.169.254/schema"},
    "a reference to nowhere": {"$ref": "#/$defs/none"},
    "a reference to itself": {"$ref": "#"},
    "a million checks": {"$ref": "#/$defs/L0", "$defs": {**LAYERS, "L9": {}}},
    "a pattern that never ends": {"pattern": "^(a+)+$"},
    "a name pattern that never ends": {"patternProperties": {"^(a+)+$": {"type": "string"}}},
}


@pytest.mark.slow
@pytest.mark.parametrize("schema", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_schema_counts_as_followed_in_time(schema: dict[str, Any]) -> None:
    start = time.monotonic()
    value = {"a" * 40 + "!": 1, "text": "a" * 40 + "!"}
    assert complaint(json.dumps(value), JsonFormat(schema)) is None
    assert time.monotonic() - start < 10


@given(
    json_values(
        "type properties items anyOf allOf required enum minimum maximum $ref $defs not const",
        "object string array integer #",
    )
)
def test_no_schema_is_an_accident(schema: object) -> None:
    complaint('{"a": [1, "b", null]}', JsonFormat(schema if isinstance(schema, dict) else {}))
