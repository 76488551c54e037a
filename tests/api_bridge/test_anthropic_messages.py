"""What clients of Anthropic's send, as the messages that are asked."""

from typing import Any

import pytest

from api_bridge.anthropic_messages import parse_anthropic
from api_bridge.chat_request import ChatRequest
from api_bridge.errors import BadRequestError
from api_bridge.messages import FilePart, ImagePart, Message, TextPart, ToolCall

BODY: dict[str, Any] = {"model": "claude-sonnet-4-5", "max_tokens": 32000}
HI = {"role": "user", "content": "Hi"}


def parse(**more: Any) -> ChatRequest:
    body = {**BODY, "messages": [HI], **more}
    return ChatRequest.parse(body, read_messages=parse_anthropic)


def messages_of(*messages: object) -> tuple[Message, ...]:
    return parse(messages=list(messages)).messages


def user(*blocks: object) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def test_the_system_prompt_comes_first_in_either_form() -> None:
    blocks = [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]
    for system in ("Be brief.", blocks):
        first, second = parse(system=system).messages
        assert (first.role, first.text, second.text) == ("system", "Be brief.", "Hi")
    assert [message.role for message in messages_of(HI, {"role": "system", "content": "!"})] == [
        "user",
        "system",
    ]


def test_calls_and_their_results_are_messages_of_their_own() -> None:
    called, told, said = messages_of(
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": ""},
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "sea"}},
                {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
            ],
        },
        user(
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "calm", "is_error": True},
            {"type": "text", "text": "And now?"},
        ),
    )
    assert called.calls == (ToolCall("toolu_1", "look", '{"at": "sea"}'),)
    assert called.text == "Let me look."
    assert (told.role, told.call_id, told.text) == ("tool", "toolu_1", "The tool failed:\ncalm")
    assert (said.role, said.text) == ("user", "And now?")


def test_an_empty_result_is_a_result() -> None:
    result = {"type": "tool_result", "tool_use_id": "toolu_1"}
    assert [message.role for message in messages_of(user(result))] == ["tool"]


def base64(kind: str, data: str = "aGk=") -> dict[str, str]:
    return {"type": "base64", "media_type": kind, "data": data}


PARTS: dict[str, tuple[dict[str, Any], tuple[object, ...]]] = {
    "an image": (
        {"type": "image", "source": base64("image/png")},
        (ImagePart("data:image/png;base64,aGk="),),
    ),
    "an image by its address": (
        {"type": "image", "source": {"type": "url", "url": "https://a.example/x.png"}},
        (ImagePart("https://a.example/x.png"),),
    ),
    "a file": (
        {"type": "document", "title": "a.pdf", "source": base64("application/pdf")},
        (FilePart("data:application/pdf;base64,aGk=", "a.pdf"),),
    ),
    "a text": (
        {"type": "document", "title": "Notes", "source": {"type": "text", "data": "calm"}},
        (TextPart("Notes"), TextPart("calm")),
    ),
    "what was found": (
        {
            "type": "search_result",
            "title": "Tides",
            "source": "https://a.example",
            "content": [{"type": "text", "text": "calm"}],
        },
        (TextPart("Tides"), TextPart("https://a.example"), TextPart("calm")),
    ),
    "contents": (
        {
            "type": "document",
            "source": {"type": "content", "content": [{"type": "text", "text": "calm"}]},
        },
        (TextPart("calm"),),
    ),
}


@pytest.mark.parametrize(("block", "parts"), PARTS.values(), ids=PARTS)
def test_a_block_is_the_same_in_a_message_and_in_a_result(
    block: dict[str, Any], parts: tuple[object, ...]
) -> None:
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [block]}
    told, said, _ = messages_of(user(result, block), HI)
    assert (told.role, told.parts, said.role, said.parts) == ("tool", parts, "user", parts)


@pytest.mark.parametrize("kind", ["web_search_tool_result", "tool_reference", "mcp_tool_use"])
def test_what_the_provider_wrote_for_itself_is_left_out(kind: str) -> None:
    (only,) = messages_of(user({"type": kind}, {"type": "text", "text": "Hi"}))
    assert only.parts == (TextPart("Hi"),)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no messages": ({"messages": []}, "messages"),
    "only empty ones": ({"messages": [{"role": "user", "content": ""}]}, "messages"),
    "a role nobody has": ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role"),
    "a block without a type": ({"messages": [user({})]}, "messages[0].content[0].type"),
    "a block nobody knows": (
        {"messages": [user({"type": "smell"})]},
        "messages[0].content[0].type",
    ),
    "a call without a name": (
        {"messages": [{"role": "assistant", "content": [{"type": "tool_use", "input": {}}]}]},
        "messages[0].content[0].name",
    ),
    "a document by its address": (
        {"messages": [user({"type": "document", "source": {"type": "url", "url": "https://a"}})]},
        "messages[0].content[0].source.type",
    ),
    "a file that lies with Anthropic": (
        {"messages": [user({"type": "image", "source": {"type": "file", "file_id": "file_1"}})]},
        "messages[0].content[0].source.file_id",
    ),
    "a document without a source": (
        {"messages": [user({"type": "document"})]},
        "messages[0].content[0].source",
    ),
    "a system that is a number": ({"system": 7}, "system"),
}


@pytest.mark.parametrize(("fields", "param"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_its_path(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        parse(**fields)
    assert caught.value.param == param


def test_tools_are_those_with_a_schema() -> None:
    schema = {"type": "object", "properties": {"at": {"type": "string"}}}
    tools = [
        {"name": "look", "description": "Looks.", "input_schema": schema},
        {"type": "custom", "name": "write", "input_schema": {}},
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 5},
    ]
    asked = parse(tools=tools, tool_choice={"type": "auto", "disable_parallel_tool_use": True})
    assert [(tool.name, tool.takes_text) for tool in asked.tool_use.tools] == [
        ("look", False),
        ("write", False),
    ]
    assert asked.tool_use.tools[0].parameters == schema
    assert not asked.tool_use.parallel


@pytest.mark.parametrize(
    ("choice", "mode", "names"),
    [
        ({"type": "any"}, "required", ["look", "write"]),
        ({"type": "tool", "name": "write"}, "required", ["write"]),
        ({"type": "none"}, "none", ["look", "write"]),
        ({"type": "tool", "name": "web_search"}, "auto", ["look", "write"]),
    ],
    ids=str,
)
def test_a_choice_is(choice: dict[str, Any], mode: str, names: list[str]) -> None:
    tools: list[object] = [{"name": name, "input_schema": {}} for name in ("look", "write")]
    tools.append({"type": "web_search_20250305", "name": "web_search"})
    use = parse(tools=tools, tool_choice=choice).tool_use
    assert (use.mode, [tool.name for tool in use.tools]) == (mode, names)


@pytest.mark.parametrize(
    ("fields", "mode"),
    [
        ({}, "auto"),
        ({"thinking": {"type": "adaptive"}}, "auto"),
        ({"thinking": {"type": "enabled", "budget_tokens": 9}}, "expert"),
        ({"output_config": {"effort": "low"}, "thinking": {"type": "enabled"}}, "fast"),
        ({"model": "claude-haiku-4-5"}, "fast"),
    ],
    ids=str,
)
def test_effort_and_thoughts_choose_the_mode(fields: dict[str, Any], mode: str) -> None:
    assert parse(**fields).model.mode == mode


def test_what_ends_an_answer_and_what_shape_it_has() -> None:
    schema = {"type": "object"}
    asked = parse(
        stop_sequences=["END", ""],
        output_config={"format": {"type": "json_schema", "schema": schema}},
    )
    assert (asked.stop, asked.max_tokens) == (("END",), 32000)
    assert asked.json_format
    assert asked.json_format.schema == schema


def test_a_session_sticks_to_its_beginning() -> None:
    one, other, again = (
        parse(metadata={"user_id": name}).sticky for name in ("session 1", "session 2", "session 1")
    )
    assert one == again != other
