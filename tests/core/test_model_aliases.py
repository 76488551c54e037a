"""Further names of models, as an operator writes them."""

import pytest

from core.model_aliases import parse_aliases


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gpt-4o=grok-expert", {"gpt-4o": "grok-expert"}),
        (" A/B:x = Grok-4 ,\nc=d,", {"a/b:x": "grok-4", "c": "d"}),
        ("a=b,A=c", {"a": "c"}),
        (" , ", {}),
    ],
)
def test_a_list_is_read(text: str, found: dict[str, str]) -> None:
    assert parse_aliases(text) == found


@pytest.mark.parametrize("text", ["a", "a=", "=b", "a b=c", "a=b=c", "ü=b", "x" * 101 + "=b"])
def test_what_is_no_alias_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not like my-model=grok-expert"):
        parse_aliases(f"ok=grok-4,{text}")


def test_nobody_changes_them_later() -> None:
    with pytest.raises(TypeError):
        parse_aliases("a=b")["c"] = "d"
