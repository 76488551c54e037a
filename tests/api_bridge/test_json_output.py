"""JSON in answers: found in prose, mended, or left as text."""

import json

import pytest

from api_bridge.deltas import Annotation, Content, Delta, Finish, Reasoning
from api_bridge.json_output import JsonFormat, extract, instruction
from api_bridge.json_stream import only_json


@pytest.mark.parametrize(
    ("answer", "value"),
    {
        "nothing else": ('{"a": 1}', {"a": 1}),
        "a fence": ('```json\n{"a": 1}\n```', {"a": 1}),
        "prose around it": ('Sure! Here: {"a": 1} - enjoy {it}.', {"a": 1}),
        "prose and a fence": ('Sure!\n```json\n{"a": 1}\n```\nEnjoy.', {"a": 1}),
        "braces in the prose": ('In {braces}: {"a": 1}', {"a": 1}),
        "a list": ("The list: [1, 2]", [1, 2]),
        "a slip inside of prose": ('Sure: {"a": [1,],} Done', {"a": [1]}),
        "unicode": ('{"a": "海"}', {"a": "海"}),
    }.values(),
    ids=str,
)
def test_an_answer_holds(answer: str, value: object) -> None:
    found = extract(answer)
    assert found is not None
    assert json.loads(found) == value


@pytest.mark.parametrize(
    "answer",
    ["", "None", "42", '"text"', "{", "{ no }", "[" * 5000, "{" * 500_000],
    ids=str.__len__,
)
def test_an_answer_holds_none(answer: str) -> None:
    assert extract(answer) is None


def test_the_instruction_brings_the_schema() -> None:
    assert instruction(JsonFormat()).endswith("It must be an object.")
    assert instruction(JsonFormat({"type": "array"})).endswith('{"type":"array"}')


def run(*deltas: Delta) -> list[Delta]:
    return list(only_json([*deltas, Finish("stop")]))


def test_the_answer_is_held_and_told_to_be_coming() -> None:
    found = run(Reasoning("hm"), Content("Sure: {"), Content('"a":1}'), Annotation("u", "t", 0, 1))
    assert found == [Reasoning("hm"), Content(""), Content('{"a": 1}'), Finish("stop")]


def test_an_answer_without_json_stays_as_it_was() -> None:
    assert run(Content("I will "), Content("not.")) == [
        Content(""),
        Content("I will not."),
        Finish("stop"),
    ]


def test_an_empty_answer_stays_empty() -> None:
    assert run() == [Finish("stop")]
