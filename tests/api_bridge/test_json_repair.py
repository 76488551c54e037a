"""Slips of models that are mended, and those that are not."""

import time

import pytest

from api_bridge import json_repair


def is_read(text: str) -> bool:
    try:
        json_repair.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "value"),
    {
        "nothing to mend": ('{"a": [1, 2]}', {"a": [1, 2]}),
        "a fence": ('```json\n{"a": 1}\n```', {"a": 1}),
        "a fence without end": ('```\n{"a": 1}', {"a": 1}),
        "a fence around a fence in a string": ('```json\n{"a": "```"}\n```', {"a": "```"}),
        "commas too many": ('{"a": [1, 2,], "b": ", ]",\n}', {"a": [1, 2], "b": ", ]"}),
        "a lone backslash": (r'{"a": "\d \\ \" \u00e9 \ue"}', {"a": '\\d \\ " é \\ue'}),
        "curly quotes": ("{“a”: “b”}", {"a": "b"}),
        "curly quotes inside of plain ones": ('{"a": "“b”",}', {"a": "“b”"}),
        "a raw newline": ('{"a": "b\nc"}', {"a": "b\nc"}),
    }.values(),
    ids=str,
)
def test_this_is_read(text: str, value: object) -> None:
    assert json_repair.loads(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "{", "{'a': 1}", '{"a": NaN}', '{"a" 1}', "text", "[" * 100_000, '{"a":' * 100_000],
    ids=lambda text: text[:12],
)
def test_this_is_no_json(text: str) -> None:
    assert not is_read(text)


@pytest.mark.parametrize(
    "text",
    ['"\\' * 400_000, "```" + " " * 900_000, '{"a":"' + '\\"' * 400_000, ", " * 400_000 + "]"],
    ids=["escaped quotes", "spaces after a fence", "a string without end", "commas"],
)
def test_hostile_text_is_refused_in_time(text: str) -> None:
    start = time.monotonic()
    assert not is_read(text)
    assert time.monotonic() - start < 3
