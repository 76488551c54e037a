"""JSON mode and structured output over a model that only writes text.

Says what the prompt asks for, finds the JSON in the answer, and tells what is wrong with it.
Whether Grok is then asked once more is decided by who holds the conversation.
"""

import json
import re
from dataclasses import dataclass, field
from itertools import islice
from json import JSONDecoder
from typing import Any

from api_bridge import json_repair
from api_bridge.request_fields import RequestFields
from api_bridge.schema_text import compact_schema

_DECODER = JSONDecoder(strict=False)
_START = re.compile(r"[{\[]")
_STARTS_TRIED = 20


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """The wanted shape; without a schema any object will do."""

    schema: dict[str, Any] | None = field(default=None, hash=False)
    name: str = ""


def parse_json_format(body: RequestFields) -> JsonFormat | None:
    """`response_format`, or the same inside of `text` (Responses) or `output_config` (Anthropic);
    None for plain text."""
    fields = body.fields("response_format") or body.fields("output_format")
    for name in ("text", "output_config"):
        nested = body.fields(name) if isinstance(body.get(name), dict) else None
        fields = fields or (nested.fields("format") if nested else None)
    if fields is None:
        return None
    match fields.needed_text("type"):
        case "text":
            return None
        case "json_object":
            return JsonFormat()
        case "json_schema":
            is_flat = fields.has("schema")
            nested = fields if is_flat else fields.fields("json_schema")
            return _schema_format(nested or fields.missing("json_schema"))
        case other:
            return fields.invalid("type", f"'{other[:40]}' is not supported.")


def _schema_format(fields: RequestFields) -> JsonFormat:
    schema = fields.fields("schema")
    return JsonFormat(schema.values if schema else None, fields.text("name") or "")


def instruction(wanted: JsonFormat) -> str:
    """The words that go last into the prompt."""
    only = "Answer with one JSON value only: no prose before or after it, no code fence."
    if wanted.schema is None:
        return f"{only} It must be an object."
    schema = json.dumps(compact_schema(wanted.schema), ensure_ascii=False, separators=(",", ":"))
    return f"{only} It must follow this JSON schema exactly, with no other keys:\n{schema}"


def extract(answer: str) -> str | None:
    """The JSON text inside an answer, re-written plainly; None when there is none."""
    try:
        return _dump(json_repair.loads(answer))
    except ValueError:
        return _inside(answer)


def _inside(answer: str) -> str | None:
    """The first object or list in a text with prose around it."""
    starts = islice(_START.finditer(answer), _STARTS_TRIED)
    return next((text for start in starts if (text := _value_at(answer, start.start()))), None)


def _value_at(answer: str, at: int) -> str | None:
    try:
        return _dump(_DECODER.raw_decode(answer, at)[0])
    except (ValueError, RecursionError):
        end = answer.rfind("}" if answer[at] == "{" else "]") + 1
    try:
        return _dump(json_repair.loads(answer[at:end]))
    except ValueError:
        return None


def _dump(value: object) -> str:
    if not isinstance(value, dict | list):
        raise ValueError("neither an object nor a list")  # noqa: TRY004
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
