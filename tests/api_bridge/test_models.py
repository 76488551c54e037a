"""Names of models: today's, yesterday's, other people's."""

import pytest

from api_bridge.errors import BadRequestError
from api_bridge.models import (
    LISTED,
    ModelTable,
    anthropic_list,
    openai_list,
)

TABLE = ModelTable({"gpt-4": "grok-heavy", "team-model": "grok-3-deepsearch"})


@pytest.mark.parametrize(
    ("name", "mode"),
    {
        "the modes themselves": ("expert", "expert"),
        "a mode with a prefix": ("grok-heavy", "heavy"),
        "a mode with a suffix": ("auto-think", "expert"),
        "another": ("heavy-deepsearch", "expert"),
        "a mode with an effort that cannot move it": ("expert-low", "expert"),
        "auto": ("grok-auto", "auto"),
        "a name of grok2api": ("grok-chat-fast", "fast"),
        "the latest": ("grok-latest", "auto"),
        "grok-2": ("grok-2", "fast"),
        "grok-3": ("grok-3", "auto"),
        "grok-3-think": ("grok-3-think", "expert"),
        "grok-3-thinking": ("grok-3-thinking", "expert"),
        "grok-3-deepsearch": ("grok-3-deepsearch", "expert"),
        "grok-3-deepersearch": ("grok-3-deepersearch", "expert"),
        "a version to come": ("grok-4.7", "auto"),
        "a fast version": ("grok-4-1-fast", "fast"),
        "a reasoning version": ("grok-4.20-reasoning", "expert"),
        "one that does not reason": ("grok-4.20-non-reasoning", "fast"),
        "many agents": ("grok-4.20-multi-agent", "heavy"),
        "a provider in front": ("xai/grok-4-heavy", "heavy"),
        "two of them": ("openrouter/x-ai/grok-3-think", "expert"),
        "a tag behind": ("xai/grok-4-fast:latest", "fast"),
        "capitals": ("Grok-4-Heavy", "heavy"),
        "an effort of little": ("grok-4-low", "fast"),
        "an effort of much": ("grok-4-high", "expert"),
        "an effort that cannot move a pinned mode": ("grok-fast-high", "fast"),
        "a name wired into a tool": ("gpt-5.2", "auto"),
        "its small sister": ("gpt-5-mini", "fast"),
        "another maker's": ("claude-opus-4-8", "auto"),
        "the operator's alias": ("team-model", "expert"),
        "an alias before the table": ("gpt-4", "heavy"),
        "an alias behind a provider": ("openai/gpt-4", "heavy"),
    }.values(),
    ids=str,
)
def test_a_name_means_a_mode(name: str, mode: str) -> None:
    choice = TABLE.resolve(name)
    assert (choice.id, choice.mode) == (name, mode)


@pytest.mark.parametrize(
    "name",
    [
        "grok-imagine-image",
        "grok-2-image",
        "nobody",
        "grok-",
        "-",
        "auto-nothing",
        "x" * 10**6,
        "grok-4" * 10**5,
    ],
    ids=lambda name: name[:30],
)
def test_an_unknown_name_is_told_which_ones_exist(name: str) -> None:
    with pytest.raises(BadRequestError, match="grok-3-deepersearch") as caught:
        TABLE.resolve(name)
    error = caught.value
    assert (error.status, error.code, error.param) == (404, "model_not_found", "model")
    assert len(error.message) < 600


@pytest.mark.parametrize(
    ("name", "deepsearch"),
    [("grok-3-deepsearch", "default"), ("grok-3-deepersearch", "deeper"), ("grok-3", "")],
)
def test_deepsearch_is_part_of_the_choice(name: str, deepsearch: str) -> None:
    choice = TABLE.resolve(name)
    assert (choice.deepsearch, choice.web_search) == (deepsearch, bool(deepsearch))


@pytest.mark.parametrize(
    ("name", "effort", "mode"),
    [
        ("grok-4", "none", "fast"),
        ("grok-4", "minimal", "fast"),
        ("grok-4", "low", "fast"),
        ("grok-4", "medium", "expert"),
        ("grok-4", "HIGH", "expert"),
        ("grok-4", "xhigh", "expert"),
        ("grok-4", "max", "expert"),
        ("grok-4", "", "auto"),
        ("grok-4", "extreme", "auto"),
        ("grok-auto", "high", "auto"),
        ("fast", "high", "fast"),
        ("heavy", "low", "heavy"),
    ],
)
def test_effort_moves_general_names_only(name: str, effort: str, mode: str) -> None:
    assert TABLE.resolve(name).with_effort(effort).mode == mode


def test_online_asks_for_search() -> None:
    assert TABLE.resolve("grok-4:online").web_search


def test_every_listed_name_resolves_to_itself() -> None:
    assert all(ModelTable().resolve(name).mode == LISTED[name].mode for name in LISTED)


def test_the_list_in_both_shapes() -> None:
    names = TABLE.names()
    theirs = openai_list(names)
    assert theirs["object"] == "list"
    assert set(theirs["data"][0]) == {"id", "object", "created", "owned_by"}
    other = anthropic_list(names)
    assert set(other["data"][0]) == {"type", "id", "display_name", "created_at", "lifecycle"}
    assert (other["first_id"], other["last_id"]) == (names[0], "team-model")
    assert anthropic_list([])["first_id"] is None
