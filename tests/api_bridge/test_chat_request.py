"""A request, field by field: what is read, what is forgiven, what is a 400 with its path."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_bridge.chat_request import ChatRequest
from api_bridge.errors import BadRequestError
from api_bridge.json_output import JsonFormat
from api_bridge.messages import FilePart, ImagePart, Message, TextPart, ToolCall
from tests.api_bridge.recordings import json_values

HI = {"role": "user", "content": "Hi"}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


def parse(**more: object) -> ChatRequest:
    return ChatRequest.parse({"model": "grok-4", "messages": [HI], **more})


def refusal(body: object) -> BadRequestError:
    with pytest.raises(BadRequestError) as caught:
        ChatRequest.parse(body)
    return caught.value


def test_the_smallest_request() -> None:
    request = parse()
    assert request.messages == (Message(role="user", parts=(TextPart("Hi"),)),)
    assert (request.model.mode, request.stream, request.max_tokens) == ("auto", False, None)


PART = "messages[0].content[0]"


def said(part: object) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": [part]}]}


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "no messages": ({"messages": None}, "messages"),
    "an empty list of them": ({"messages": []}, "messages"),
    "messages that are an object": ({"messages": {}}, "messages"),
    "a message that is a string": ({"messages": ["Hi"]}, "messages[0]"),
    "messages without a word": ({"messages": [{"role": "user", "content": " "}]}, "messages"),
    "a message without a role": ({"messages": [{"content": "Hi"}]}, "messages[0].role"),
    "an unknown role": ({"messages": [HI, {"role": "king", "content": ""}]}, "messages[1].role"),
    "content that is a number": (
        {"messages": [{"role": "user", "content": 1}]},
        "messages[0].content",
    ),
    "a part that is a number": (said(1), PART),
    "a part without type": (said({}), f"{PART}.type"),
    "an unknown part": (said({"type": "smell"}), f"{PART}.type"),
    "a text that is a list": (said({"type": "text", "text": []}), f"{PART}.text"),
    "audio in": (said({"type": "input_audio"}), f"{PART}.type"),
    "an image without an address": (said({"type": "image_url"}), f"{PART}.image_url"),
    "an image from a file": (
        said({"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}),
        f"{PART}.image_url.url",
    ),
    "a file without content": (said({"type": "file", "file": {}}), f"{PART}.file.file_data"),
    "a model that is a number": ({"model": 4}, "model"),
    "a model without a name": ({"model": " "}, "model"),
    "a stream that is a string": ({"stream": "true"}, "stream"),
    "stream options that are a list": ({"stream_options": []}, "stream_options"),
    "a budget that is a string": ({"max_tokens": "many"}, "max_tokens"),
    "a budget that is true": ({"max_tokens": True}, "max_tokens"),
    "a budget that is a fraction": ({"max_tokens": 1.5}, "max_tokens"),
    "a budget that is infinite": ({"max_tokens": float("inf")}, "max_tokens"),
    "an id that leads elsewhere": ({"conversation_id": "../../rest/x"}, "conversation_id"),
    "a parent that is no id": ({"parent_message_id": "r?1"}, "parent_message_id"),
    "several answers": ({"n": 2}, "n"),
    "answers that are a list": ({"n": [1]}, "n"),
    "a stop that is a number": ({"stop": 1}, "stop"),
    "a stop list with a number": ({"stop": ["a", 1]}, "stop[1]"),
    "audio out": ({"modalities": ["text", "audio"]}, "modalities"),
    "a format of an unknown type": ({"response_format": {"type": "xml"}}, "response_format.type"),
    "a format that is a string": ({"response_format": "json"}, "response_format"),
    "a schema that is a list": (
        {"response_format": {"type": "json_schema", "json_schema": {"schema": []}}},
        "response_format.json_schema.schema",
    ),
    "a schema's format without one": (
        {"response_format": {"type": "json_schema"}},
        "response_format.json_schema",
    ),
    "an effort that is a number": ({"reasoning_effort": 3}, "reasoning_effort"),
    "tools that are an object": ({"tools": {}}, "tools"),
    "a tool without type": ({"tools": [{}]}, "tools[0].type"),
    "a tool without name": (
        {"tools": [{"type": "function", "function": {}}]},
        "tools[0].function.name",
    ),
    "a tool's name that is a number": (
        {"tools": [{"type": "function", "function": {"name": 1}}]},
        "tools[0].function.name",
    ),
    "parameters that are a string": (
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": "x"}}]},
        "tools[0].function.parameters",
    ),
    "a choice nobody knows": ({"tools": [TOOL], "tool_choice": "maybe"}, "tool_choice"),
    "a choice of a tool not offered": (
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "x"}}},
        "tool_choice",
    ),
    "a choice that is a number": ({"tools": [TOOL], "tool_choice": 1}, "tool_choice"),
    "a past call without a name": (
        {"messages": [{"role": "assistant", "tool_calls": [{"function": {}}]}]},
        "messages[0].tool_calls[0].function.name",
    ),
    "past arguments that are a number": (
        {
            "messages": [
                {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": 1}}]}
            ]
        },
        "messages[0].tool_calls[0].function.arguments",
    ),
}


@pytest.mark.parametrize(("fields", "param"), REFUSED.values(), ids=REFUSED)
def test_a_request_is_refused_for(fields: dict[str, object], param: str) -> None:
    error = refusal({"model": "grok-4", "messages": [HI], **fields})
    assert (error.status, error.param) == (400, param)
    assert error.code


@pytest.mark.parametrize("body", [None, [], "text", 1, True, [{}]], ids=str)
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    assert refusal(body).code == "invalid_type"


def test_no_model_is_a_400_and_an_unknown_one_a_404() -> None:
    assert refusal({"messages": [HI]}).code == "missing_required_parameter"
    assert refusal({"model": "nobody", "messages": [HI]}).status == 404


FORGIVEN: dict[str, dict[str, object]] = {
    "unknown fields": {"provider": {}, "plugins": [1], "chat_id": 7, "cache_control": None},
    "sampling out of range": {"temperature": 99, "top_p": "x", "seed": [], "logit_bias": 0},
    "everything null": dict.fromkeys(
        """stream stream_options max_tokens max_completion_tokens n stop response_format tools
        tool_choice parallel_tool_calls functions function_call reasoning_effort modalities
        web_search_options user metadata conversation_id parent_message_id input text
        instructions""".split()  # noqa: SIM905
    ),
    "budgets of zero": {"max_tokens": 0, "max_completion_tokens": 0},
    "text beside audio settings": {"modalities": ["text"], "audio": {"voice": "x"}},
    "stream options without a stream": {"stream": False, "stream_options": {"include_usage": True}},
    "no tools": {"tools": []},
    "tools of servers": {"tools": [{"type": "web_search"}, {"type": "namespace", "tools": 1}]},
    "one answer": {"n": 1},
    "plain text": {"response_format": {"type": "text"}},
    "empty stops": {"stop": ["", ""]},
}


@pytest.mark.parametrize("fields", FORGIVEN.values(), ids=FORGIVEN)
def test_a_request_is_forgiven(fields: dict[str, object]) -> None:
    request = parse(**fields)
    assert (request.max_tokens, request.stop, request.json_format) == (None, (), None)
    assert not request.tool_use.is_on


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 5, "max_tokens": 9}, 5),
        ({"max_completion_tokens": 0, "max_tokens": 9}, 9),
        ({"max_tokens": -1}, None),
        ({"max_tokens": 100.0}, 100),
        ({"max_tokens": 10**400}, 2**53),
    ],
    ids=str,
)
def test_the_budget(fields: dict[str, object], limit: int | None) -> None:
    assert parse(**fields).max_tokens == limit


@pytest.mark.parametrize(
    ("fields", "mode"),
    [
        ({}, "auto"),
        ({"reasoning_effort": "low"}, "fast"),
        ({"reasoning_effort": "high"}, "expert"),
        ({"reasoning": {"effort": "high"}}, "expert"),
        ({"reasoning": {"effort": 3}}, "auto"),
        ({"reasoning": "high"}, "auto"),
        ({"model": "grok-3-think", "reasoning_effort": "low"}, "expert"),
    ],
    ids=str,
)
def test_effort_chooses_the_mode(fields: dict[str, object], mode: str) -> None:
    assert parse(**fields).model.mode == mode


def test_roles_of_all_ages() -> None:
    roles = ["system", "developer", "user", "assistant", "tool", "function"]
    messages = [{"role": role, "content": "x", "name": "n"} for role in roles]
    found = [message.role for message in parse(messages=messages).messages]
    assert found == ["system", "system", "user", "assistant", "tool", "tool"]


PARTS: dict[str, tuple[object, tuple[object, ...]]] = {
    "text": ({"type": "text", "text": "a", "cache_control": {}}, (TextPart("a"),)),
    "text of Responses": ({"type": "output_text", "text": "a"}, (TextPart("a"),)),
    "a refusal": ({"type": "refusal", "refusal": "no"}, (TextPart("no"),)),
    "a bare string": ("a", (TextPart("a"),)),
    "an image": (
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        (ImagePart("https://a.example/b.png"),),
    ),
    "an image, bare": (
        {"type": "image_url", "image_url": "data:image/png;base64,AA=="},
        (ImagePart("data:image/png;base64,AA=="),),
    ),
    "an image of Responses": (
        {"type": "input_image", "image_url": "http://a.example/"},
        (ImagePart("http://a.example/"),),
    ),
    "an image of Anthropic": (
        {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": "AA=="}},
        (ImagePart("data:image/gif;base64,AA=="),),
    ),
    "a file": (
        {
            "type": "file",
            "file": {"file_data": "data:application/pdf;base64,AA==", "filename": "a.pdf"},
        },
        (FilePart("data:application/pdf;base64,AA==", "a.pdf"),),
    ),
    "a file by its id": ({"type": "input_file", "file_id": "f-1"}, (FilePart("", "", "f-1"),)),
    "another model's thoughts": ({"type": "thinking", "thinking": "hm"}, ()),
}


@pytest.mark.parametrize(("part", "parts"), PARTS.values(), ids=PARTS)
def test_a_part_is(part: object, parts: tuple[object, ...]) -> None:
    messages = [{"role": "user", "content": [part]}, HI]
    assert parse(messages=messages).messages[0].parts == parts


def test_past_calls_and_results() -> None:
    calls = [
        {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}},
        {"id": "call_2", "function": {"name": "look", "arguments": {"a": 2}}},
        {"id": "call_3", "type": "custom", "custom": {"name": "patch", "input": "x"}},
        {"id": "call_4", "type": "mystery"},
    ]
    messages = [
        {"role": "assistant", "content": None, "tool_calls": calls, "reasoning_content": "hm"},
        {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "calm"}]},
        {"role": "assistant", "function_call": {"name": "old", "arguments": "{}"}},
    ]
    asked, told, old = parse(messages=messages).messages
    assert asked.calls == (
        ToolCall("call_1", "look", '{"a":1}'),
        ToolCall("call_2", "look", '{"a": 2}'),
        ToolCall("call_3", "patch", '{"input": "x"}', "x"),
    )
    assert (told.role, told.call_id, told.text) == ("tool", "call_1", "calm")
    assert old.calls == (ToolCall("", "old", "{}"),)


CHOICES: dict[str, tuple[object, str, list[str]]] = {
    "nothing said": (None, "auto", ["look", "write"]),
    "auto": ("auto", "auto", ["look", "write"]),
    "none": ("none", "none", ["look", "write"]),
    "required": ("required", "required", ["look", "write"]),
    "any": ("any", "required", ["look", "write"]),
    "any, as an object": ({"type": "any"}, "required", ["look", "write"]),
    "one function": ({"type": "function", "function": {"name": "write"}}, "required", ["write"]),
    "one function, flat": ({"type": "function", "name": "write"}, "required", ["write"]),
    "one tool of Anthropic": ({"type": "tool", "name": "write"}, "required", ["write"]),
    "allowed ones": (
        {
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "auto",
                "tools": [{"type": "function", "function": {"name": "look"}}],
            },
        },
        "auto",
        ["look"],
    ),
}


@pytest.mark.parametrize(("choice", "mode", "names"), CHOICES.values(), ids=CHOICES)
def test_a_choice_is(choice: object, mode: str, names: list[str]) -> None:
    tools = [TOOL, {"type": "function", "name": "write", "strict": True}]
    use = parse(tools=tools, tool_choice=choice).tool_use
    assert (use.mode, [tool.name for tool in use.tools]) == (mode, names)


def test_a_tool_without_a_type_is_a_function() -> None:
    schema = {"type": "object", "required": ["at"]}
    (tool,) = parse(tools=[{"name": "look", "input_schema": schema}]).tool_use.tools
    assert (tool.name, tool.parameters) == ("look", schema)
    with pytest.raises(BadRequestError):
        parse(tools=[{"description": "of nothing"}])


def test_legacy_functions_count_without_tools_only() -> None:
    functions = [{"name": "old", "parameters": {}}]
    assert parse(functions=functions).tool_use.tools[0].name == "old"
    use = parse(functions=functions, function_call={"name": "old"}).tool_use
    assert use.mode == "required"
    both = parse(functions=functions, function_call="none", tools=[TOOL]).tool_use
    assert (both.mode, both.tools[0].name) == ("auto", "look")
    assert (use.is_legacy, use.parallel) == (True, False)
    assert (both.is_legacy, both.parallel) == (False, True)


def test_parallel_calls_can_be_switched_off() -> None:
    assert parse(tools=[TOOL]).tool_use.parallel
    assert not parse(tools=[TOOL], parallel_tool_calls=False).tool_use.parallel


@pytest.mark.parametrize(
    ("fields", "wanted"),
    {
        "json_object": ({"response_format": {"type": "json_object"}}, JsonFormat()),
        "json_schema": (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "schema": {}},
                }
            },
            JsonFormat({}, "n"),
        ),
        "flat, as in Responses": (
            {"text": {"format": {"type": "json_schema", "name": "n", "schema": {"a": 1}}}},
            JsonFormat({"a": 1}, "n"),
        ),
        "a verbosity": ({"text": {"verbosity": "low"}}, None),
    }.values(),
    ids=str,
)
def test_a_format_is(fields: dict[str, object], wanted: JsonFormat | None) -> None:
    assert parse(**fields).json_format == wanted


def test_search_is_wanted_when_its_options_are_there() -> None:
    assert parse(web_search_options={}).model.web_search
    assert not parse().model.web_search


def test_ids_of_a_conversation_are_taken_along() -> None:
    request = parse(conversation_id="c-1", parent_message_id="r-1", user="someone")
    assert (request.conversation_id, request.parent_message_id) == ("c-1", "r-1")
    assert not request.temporary


@pytest.mark.parametrize(
    ("default", "fields", "temporary"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"hatd": False}, False),
        (False, {"hatd": True}, True),
        (False, {"hatd": None}, False),
        (True, {"conversation_id": ""}, False),
        (True, {"conversation_id": "c-1", "hatd": False}, False),
    ],
)
def test_a_request_has_the_last_word_on_a_temporary_chat(
    default: bool, fields: dict[str, object], temporary: bool
) -> None:
    body = {"model": "grok-4", "messages": [{"role": "user", "content": "Hi"}], **fields}
    assert ChatRequest.parse(body, temporary=default).temporary is temporary


@pytest.mark.parametrize("fields", [{"hatd": True, "conversation_id": ""}, {"hatd": "yes"}])
def test_what_is_to_be_gone_on_with_cannot_be_temporary(fields: dict[str, object]) -> None:
    with pytest.raises(BadRequestError) as caught:
        parse(**fields)
    assert caught.value.param == "hatd"


def test_cursor_sends_the_responses_shape_to_this_path() -> None:
    body = {
        "model": "grok-4",
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "List files"}]},
            {"type": "reasoning", "summary": []},
            {"type": "function_call", "call_id": "call_1", "name": "ls", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "call_1", "output": "a.txt"},
            {"type": "item_reference", "id": "x"},
            {"type": "custom_tool_call", "call_id": "call_2", "name": "patch", "input": "p"},
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": {"ok": True}},
        ],
        "tools": [
            {"type": "function", "name": "ls", "parameters": {}},
            {"type": "custom", "name": "patch", "format": {"definition": "start: x"}},
        ],
        "tool_choice": "auto",
        "store": False,
        "include": ["x"],
        "truncation": "auto",
        "stream": True,
    }
    request = ChatRequest.parse(body)
    roles = [message.role for message in request.messages]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "tool"]
    assert [tool.name for tool in request.tool_use.tools] == ["ls", "patch"]
    assert "start: x" in request.tool_use.tools[1].description
    assert [tool.takes_text for tool in request.tool_use.tools] == [False, True]
    assert request.messages[-1].text == '{"ok": true}'


def test_tools_of_a_namespace_are_unfolded_and_called_by_both_names() -> None:
    look = {"type": "function", "name": "look", "parameters": {"type": "object"}}
    past = {"type": "function_call", "call_id": "c", "name": "look", "namespace": "mcp__sea"}
    body = {
        "model": "grok-4",
        "input": [{"role": "user", "content": "Hi"}, {**past, "arguments": "{}"}],
        "tools": [{"type": "namespace", "name": "mcp__sea", "tools": [look, {"type": "x"}]}, look],
    }
    request = ChatRequest.parse(body)
    found = [(tool.name, tool.namespace) for tool in request.tool_use.tools]
    assert found == [("mcp__sea.look", "mcp__sea"), ("look", "")]
    assert request.messages[1].calls[0].name == "mcp__sea.look"


@pytest.mark.parametrize("kind", ["web_search", "web_search_preview"])
def test_a_choice_of_the_providers_search_leaves_it_to_grok(kind: str) -> None:
    request = parse(tools=[{"type": kind}], tool_choice={"type": kind})
    assert (request.tool_use.mode, request.tool_use.tools) == ("auto", ())


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ("", "input"),
        ([], "input"),
        ({}, "input"),
        ([1], "input[0]"),
        ([{"type": []}], "input[0].type"),
    ],
    ids=str,
)
def test_an_input_is_refused(given: object, param: str) -> None:
    assert refusal({"model": "grok-4", "input": given}).param == param


def test_half_a_surrogate_pair_is_replaced() -> None:
    body = json.loads('{"role": "user", "content": "a\\ud83d b\\ud83d\\ude00"}')
    assert parse(messages=[body]).messages[0].text == "a\ufffd b😀"


@pytest.mark.parametrize("depth", [101, 5000])
def test_deep_nesting_is_refused(depth: int) -> None:
    deep: Any = "x"
    for _ in range(depth):
        deep = [deep]
    assert refusal({"model": "grok-4", "messages": [HI], "metadata": deep}).status == 400


NAMES = """model messages role content type text image_url url input instructions tools function
    name parameters tool_choice tool_calls arguments response_format json_schema schema stop n
    stream stream_options include_usage max_tokens modalities functions function_call format file
    file_data source data mode allowed_tools custom output call_id reasoning effort"""
WORDS = """grok-4 user assistant tool system text image_url function custom json_schema message
    function_call function_call_output auto required allowed_tools file image data:;base64,"""


def is_parsed_or_refused(body: object) -> bool:
    """Anything but these two would be a 500."""
    try:
        ChatRequest.parse(body)
    except BadRequestError as error:
        return 400 <= error.status < 500
    return True


@given(json_values(NAMES, WORDS))
def test_any_json_is_parsed_or_refused(body: object) -> None:
    assert is_parsed_or_refused(body)


@given(st.dictionaries(st.sampled_from(NAMES.split()), json_values(NAMES, WORDS), max_size=8))
def test_any_fields_beside_a_good_message_are_parsed_or_refused(fields: dict[str, Any]) -> None:
    good = {**fields, "model": "grok-4", "messages": [HI]}
    assert is_parsed_or_refused(good)
    assert is_parsed_or_refused({**good, "messages": [HI, fields.get("messages")]})


@given(st.sampled_from(list(FORGIVEN) + list(REFUSED)), json_values(NAMES, WORDS))
def test_one_wrong_value_anywhere_is_no_accident(name: str, wrong: object) -> None:
    fields = FORGIVEN[name] if name in FORGIVEN else REFUSED[name][0]
    for key in fields:
        body = {"model": "grok-4", "messages": [HI], **fields, key: wrong}
        assert is_parsed_or_refused(body)
