"""Tool calls in streamed text: every cut, every slip that models make, and no invented call."""

import json
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_bridge.deltas import Call, Content, Delta, Finish, Reasoning
from api_bridge.messages import ToolCall
from api_bridge.tool_stream import CallParser, with_calls
from api_bridge.tools import Tool, ToolUse
from tests.api_bridge.recordings import cut

OPEN, CLOSE = "<call-n0nce>", "</call-n0nce>"
USE = ToolUse((Tool("look"), Tool("write")))


def run(pieces: list[str], use: ToolUse = USE) -> tuple[str, list[tuple[str, object]], str]:
    """Text, calls and finish reason."""
    numbers = count(1)
    deltas: list[Delta] = [*map(Content, pieces), Finish("stop")]
    found = list(with_calls(deltas, use, "n0nce", lambda: f"call_{next(numbers):08}"))
    text = "".join(delta.text for delta in found if isinstance(delta, Content))
    calls = [(d.call.name, json.loads(d.call.arguments)) for d in found if isinstance(d, Call)]
    assert isinstance(found[-1], Finish)
    return text, calls, found[-1].reason


def call(name: str = "look", arguments: str = '{"at": "sea"}') -> str:
    return f'{OPEN}{{"name": "{name}", "arguments": {arguments}}}{CLOSE}'


LOOK = ("look", {"at": "sea"})
TRICKY = {"text": f'a {CLOSE} b \\ " {OPEN} }}'}
CASES: dict[str, tuple[str, str, list[tuple[str, object]]]] = {
    "no call": ("Just text < > <call- `x`", "Just text < > <call- `x`", []),
    "a call alone": (call(), "", [LOOK]),
    "text before it": (f"Let me see.\n\n{call()}", "Let me see.", [LOOK]),
    "an invented result after it": (f"{call()}\nThe sea is calm.", "", [LOOK]),
    "two calls": (f"{call()}\n{call('write', '{}')}", "", [LOOK, ("write", {})]),
    "in a fence": (f"Here:\n```xml\n{call()}\n```", "Here:", [LOOK]),
    "in a fence without language": (f"```\n{call()}\n```", "", [LOOK]),
    "the tags inside of a string": (call("write", json.dumps(TRICKY)), "", [("write", TRICKY)]),
    "arguments as a string": (call("look", json.dumps('{"at": "sea"}')), "", [LOOK]),
    "no arguments": (f'{OPEN}{{"name": "look"}}{CLOSE}', "", [("look", {})]),
    "arguments under another name": (f'{OPEN}{{"name":"look","parameters":{{"at":"sea"}}}}{CLOSE}', "", [LOOK]),  # noqa: E501
    "a list of calls": (f'{OPEN}[{{"name":"look","arguments":{{"at":"sea"}}}}]{CLOSE}', "", [LOOK]),
    "a comma too many": (call("look", '{"at": "sea",}'), "", [LOOK]),
    "curly quotes": (f"{OPEN}{{“name”: “look”, “arguments”: {{“at”: “sea”}}}}{CLOSE}", "", [LOOK]),
    "a lone backslash": (call("look", r'{"re": "\d+"}'), "", [("look", {"re": r"\d+"})]),
    "a fence inside of the tag": (f'{OPEN}\n```json\n{{"name":"look","arguments":{{"at":"sea"}}}}\n```\n{CLOSE}', "", [LOOK]),  # noqa: E501
    "a real newline in a string": (call("look", '{"at": "a\nb"}'), "", [("look", {"at": "a\nb"})]),
    "a closing tag forgotten at the end": (call().removesuffix(CLOSE), "", [LOOK]),
    "unicode": (call("look", '{"at": "海 👋"}'), "", [("look", {"at": "海 👋"})]),
    "a name nobody offered": (call("rm"), call("rm"), []),
    "no JSON at all": (f"{OPEN}look at sea{CLOSE}", f"{OPEN}look at sea{CLOSE}", []),
    "arguments that are a list": (call("look", "[1]"), call("look", "[1]"), []),
    "cut off in the middle": (f'{OPEN}{{"name": "look", "argu', f'{OPEN}{{"name": "look", "argu', []),  # noqa: E501
    "quotes that do not balance": (call("look", '{"at": "sea}'), call("look", '{"at": "sea}'), []),
    "not a number": (call("look", '{"at": NaN}'), call("look", '{"at": NaN}'), []),
    "another request's nonce": (call().replace("n0nce", "other"), call().replace("n0nce", "other"), []),  # noqa: E501
}  # fmt: skip


@pytest.mark.parametrize(("text", "visible", "calls"), CASES.values(), ids=CASES)
def test_an_answer_is(text: str, visible: str, calls: list[tuple[str, object]]) -> None:
    wanted = (visible, calls, "tool_calls" if calls else "stop")
    assert run([text]) == wanted
    assert run(list(text)) == wanted
    for place in range(len(text)):
        assert run(cut(text, [place])) == wanted, place


@given(st.sampled_from(list(CASES)), st.lists(st.integers(0, 150), max_size=7))
def test_no_cut_changes_anything(name: str, places: list[int]) -> None:
    text, visible, calls = CASES[name]
    assert run(cut(text, places))[:2] == (visible, calls)


json_arguments = st.dictionaries(
    st.text(max_size=5),
    st.text(alphabet='ab"\\<>/{}\n' + OPEN + CLOSE, max_size=12) | st.integers(),
)


@given(json_arguments, st.lists(st.integers(0, 150), max_size=7))
def test_any_arguments_come_through(arguments: dict[str, object], places: list[int]) -> None:
    text = call("write", json.dumps(arguments))
    assert run(cut(text, places)) == ("", [("write", arguments)], "tool_calls")


@given(st.text(alphabet='ab <>`\n{}"call-n0nce/', max_size=60))
def test_text_without_a_call_passes_unchanged(text: str) -> None:
    if OPEN not in text:
        assert run(list(text)) == (text, [], "stop")


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("Hello", "Hello"),
        ("a < b", "a < b"),
        ("so <call", "so"),
        ("so <call-n1", "so <call-n1"),
        ("code `x", "code `x"),
        ("line\n", "line"),
    ],
)
def test_only_what_may_become_a_call_is_held(text: str, out: str) -> None:
    found = CallParser(USE, "n0nce", lambda: "call_1").feed(text)
    assert "".join(delta.text for delta in found if isinstance(delta, Content)) == out


def test_one_call_at_a_time_ends_the_reading() -> None:
    use = ToolUse(USE.tools, parallel=False)
    assert run([call() + call("write", "{}")], use) == ("", [LOOK], "tool_calls")

    def endless() -> object:
        yield Content(call())
        pytest.fail("read on after the only call")

    list(with_calls(endless(), use, "n0nce", lambda: "call_1"))  # type: ignore[arg-type]


FREE = {
    "as its argument": '{"name": "patch", "arguments": {"input": "+ a"}}',
    "as its argument in a string": r'{"name": "patch", "arguments": "{\"input\": \"+ a\"}"}',
    "in place of the arguments": '{"name": "patch", "arguments": "+ a"}',
    "without arguments": '{"name": "patch", "input": "+ a"}',
}


@pytest.mark.parametrize("written", FREE.values(), ids=FREE)
def test_a_custom_tool_is_given_the_text_that_the_model_wrote(written: str) -> None:
    use = ToolUse((Tool("patch", takes_text=True),))
    deltas: list[Delta] = [Content(f"{OPEN}{written}{CLOSE}"), Finish("stop")]
    called, _ = with_calls(deltas, use, "n0nce", lambda: "call_00000001")
    assert called == Call(ToolCall("call_00000001", "patch", '{"input": "+ a"}', "+ a"))


def test_a_custom_tool_without_a_text_is_not_called() -> None:
    use = ToolUse((Tool("patch", takes_text=True),))
    wrong = f'{OPEN}{{"name": "patch", "arguments": {{"diff": "+ a"}}}}{CLOSE}'
    assert run([wrong], use) == (wrong, [], "stop")


def test_calls_that_are_only_thought_of_do_not_count() -> None:
    deltas: list[Delta] = [Reasoning(call()), Content("No."), Finish("stop")]
    assert list(with_calls(deltas, USE, "n0nce", lambda: "call_1")) == deltas


def test_an_answer_that_grok_cut_short_says_so() -> None:
    deltas: list[Delta] = [Content(call()[:20]), Finish("length")]
    assert list(with_calls(deltas, USE, "n0nce", lambda: "x"))[-1] == Finish("length")


def test_a_megabyte_of_arguments_is_read_in_time() -> None:
    text = call("write", json.dumps({"text": 'x\\"' * 300_000}))
    pieces = [text[at : at + 1000] for at in range(0, len(text), 1000)]
    assert run(pieces)[1][0][0] == "write"
