"""The words around tools: what is told, and how it fits when there are very many."""

import json

from api_bridge import tool_prompt
from api_bridge.schema_text import MOST_SCHEMAS, compact_schema
from api_bridge.tools import Tool, ToolUse

LOOK = Tool("look", "Looks.", {"type": "object", "properties": {"at": {"type": "string"}}})


def test_the_rules_show_the_tags_and_all_names() -> None:
    text = tool_prompt.rules(ToolUse((LOOK, Tool("write"))), "n0nce")
    assert '<call-n0nce>{"name":"look","arguments":{"key":"value"}}</call-n0nce>' in text
    assert "The tools: look, write" in text
    assert "Several calls" in text
    assert "one call at a time" in tool_prompt.rules(ToolUse((LOOK,), parallel=False), "x")


def test_a_reminder_names_the_forced_tools() -> None:
    use = ToolUse((LOOK, Tool("write")), mode="required")
    assert "look or write" in tool_prompt.reminder(use, "n0nce")


def test_each_tool_is_a_line_of_json() -> None:
    described = json.loads(tool_prompt.tool_list((LOOK,)))
    assert described == {"name": "look", "description": "Looks.", "parameters": LOOK.parameters}


def test_many_wordy_tools_lose_words_before_anything_else() -> None:
    schema = {"type": "object", "properties": {"at": {"description": "where " * 60}}}
    many = tuple(Tool(f"tool{n}", "words " * 200, schema) for n in range(100))
    text = tool_prompt.tool_list(many)
    assert len(text) <= tool_prompt.ROOM
    assert all(f'"tool{n}"' in text for n in range(100))
    assert '"properties"' in text


def test_ornaments_of_a_schema_are_left_out_but_not_its_properties() -> None:
    schema = {
        "$schema": "x",
        "title": "T",
        "type": "object",
        "additionalProperties": False,
        "properties": {"title": {"type": "string", "title": "Title"}, "$schema": {"const": 1}},
        "required": ["title"],
    }
    assert compact_schema(schema) == {
        "type": "object",
        "properties": {"title": {"type": "string"}, "$schema": {"const": 1}},
        "required": ["title"],
    }


def test_references_are_put_in() -> None:
    schema = {
        "$defs": {"Point": {"type": "object", "properties": {"x": {"type": "number"}}}},
        "type": "array",
        "items": {"$ref": "#/$defs/Point", "description": "where"},
    }
    point = {"type": "object", "properties": {"x": {"type": "number"}}, "description": "where"}
    assert compact_schema(schema) == {"type": "array", "items": point}


def test_a_schema_that_contains_itself_ends() -> None:
    schema = {
        "$ref": "#/$defs/Tree",
        "$defs": {"Tree": {"properties": {"left": {"$ref": "#/$defs/Tree"}}}},
    }
    assert compact_schema(schema) == {"properties": {"left": {"description": "as in Tree"}}}


def test_a_reference_to_nowhere_is_only_named() -> None:
    assert compact_schema({"$ref": "https://a.example/b.json"}) == {"description": "as in b.json"}


def test_references_that_unfold_into_millions_are_cut() -> None:
    layers = {
        f"L{n}": {"anyOf": [{"$ref": f"#/$defs/L{n + 1}"}] * 10, "description": str(n)}
        for n in range(10)
    }
    found = json.dumps(compact_schema({"$ref": "#/$defs/L0", "$defs": layers}))
    assert len(found) < 100 * MOST_SCHEMAS


def test_very_long_lists_of_values_are_cut() -> None:
    assert len(compact_schema({"enum": list(range(500))})["enum"]) == 40
