"""Says what is wrong with an answer that should follow a JSON schema, in a sentence for the model.

The schema comes from the caller, so the check fetches nothing, runs none of its regular
expressions and gives up after a bounded number of steps: what cannot be checked counts as right.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from api_bridge.json_output import JsonFormat, extract

MOST_STEPS = 50_000

_NOT_CHECKED = ("pattern", "patternProperties", "format")
_LONGEST_COMPLAINT = 500

type _Keyword = Callable[[Any, Any, Any, Any], Any]


class _TooMuchError(Exception):
    """The check takes longer than an answer is worth."""


def complaint(answer: str, wanted: JsonFormat) -> str | None:
    """What to tell the model about its answer; None when there is nothing to say."""
    text = extract(answer)
    if text is None:
        return "That is not JSON. Answer again with the JSON value only."
    value = json.loads(text)
    if wanted.schema is None:
        return None if isinstance(value, dict) else "Answer again with a JSON object."
    error = _first_error(value, wanted.schema)
    if error is None:
        return None
    place = "/".join(map(str, error.absolute_path)) or "the top"
    message = error.message[:_LONGEST_COMPLAINT]
    return f"The JSON does not follow the schema (at {place}): {message}. Answer again, JSON only."


def _first_error(value: object, schema: dict[str, Any]) -> ValidationError | None:
    try:
        Draft202012Validator.check_schema(schema)
        found: ValidationError | None = best_match(_validator(schema).iter_errors(value))
    except (SchemaError, Unresolvable, _TooMuchError, RecursionError, ArithmeticError):
        return None
    return found


def _validator(schema: dict[str, Any]) -> Any:  # noqa: ANN401  the class is made below
    steps = iter(range(MOST_STEPS))

    def counted(keyword: _Keyword) -> _Keyword:
        def check(validator: Any, value: Any, instance: Any, within: Any) -> Iterator[Any]:  # noqa: ANN401
            if next(steps, None) is None:
                raise _TooMuchError
            yield from keyword(validator, value, instance, within) or ()

        return check

    keywords = {
        name: counted(keyword)
        for name, keyword in Draft202012Validator.VALIDATORS.items()
        if name not in _NOT_CHECKED
    }
    skipped = {name: counted(lambda *_: ()) for name in _NOT_CHECKED}
    checker = extend(Draft202012Validator, {**keywords, **skipped})  # type: ignore[no-untyped-call]
    # An empty registry: a `$ref` to another host is never followed.
    return checker(schema, registry=Registry())
