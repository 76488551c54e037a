"""Finds tool calls in a streamed answer: `<call-NONCE>{"name": …, "arguments": {…}}</call-NONCE>`.

Text flows on at once; only what may become the opening tag waits. A call is emitted when complete
and sound. What cannot be read as one comes back as text: nothing is invented, nothing vanishes.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from api_bridge import json_repair
from api_bridge.deltas import Call, Content, Delta, Finish
from api_bridge.messages import ToolCall
from api_bridge.tool_prompt import close_tag, open_tag
from api_bridge.tools import Tool, ToolUse

_FENCE = r"(?:```[a-z]{0,8}[ \t]{0,4}(?:\n\s{0,8})?|`{1,3})?"
_SYNONYMS = ("arguments", "parameters", "args", "input")


class CallParser:
    """Feed the answer's text, get text and calls; flush at its end."""

    def __init__(self, use: ToolUse, nonce: str, new_id: Callable[[], str]) -> None:
        self._tools = {tool.name: tool for tool in use.tools}
        self._new_id = new_id
        self._open, self._close = open_tag(nonce), close_tag(nonce)
        self._start = re.compile(rf"\s{{0,16}}{_FENCE}{re.escape(self._open)}")
        self._may_start = re.compile(rf"(?:\s{{1,16}}{_FENCE}|{_FENCE}){_partial(self._open)}\Z")
        self._held = ""
        self._is_in_call = False
        self._searched = 0
        self.calls = 0

    def feed(self, text: str) -> list[Delta]:
        self._held += text
        found: list[Delta] = []
        while (step := self._in_call() if self._is_in_call else self._outside()) is not None:
            found += step
        return found

    def flush(self) -> list[Delta]:
        """The end of the answer; a call that lacks only its closing tag still counts."""
        rest, self._held = self._held, ""
        if not self._is_in_call:
            return self._text(rest)
        self._is_in_call = False
        return self._read(rest, json_repair.strict_loads) or self._text(self._open + rest)

    def _outside(self) -> list[Delta] | None:
        """Text up to the next call; None when there is nothing more to do."""
        if not self._held:
            return None
        if match := self._start.search(self._held):
            before, self._held = self._held[: match.start()], self._held[match.end() :]
            self._is_in_call, self._searched = True, 0
            return self._text(before)
        tail = max(0, len(self._held) - len(self._open) - 64)
        match = self._may_start.search(self._held, tail)
        assert match is not None
        before, self._held = self._held[: match.start()], self._held[match.start() :]
        return self._text(before) or None

    def _in_call(self) -> list[Delta] | None:
        """The call, once its closing tag stands outside of the arguments' strings."""
        end = self._held.find(self._close, self._searched)
        if end < 0:
            self._searched = max(0, len(self._held) - len(self._close))
            return None
        body = self._held[:end]
        found = self._read(body, json_repair.strict_loads)
        if not found and _ends_inside_string(body):
            self._searched = end + 1
            return []
        self._held = self._held[end + len(self._close) :]
        self._is_in_call = False
        found = found or self._read(body, json_repair.loads)
        return found or self._text(self._open + body + self._close)

    def _text(self, text: str) -> list[Delta]:
        """Text after a call is the model's guess at the result."""
        return [Content(text)] if text and not self.calls else []

    def _read(self, body: str, loads: Callable[[str], object]) -> list[Delta]:
        try:
            value = loads(body)
            items = value if isinstance(value, list) else [value]
            calls: list[Delta] = [Call(self._call(item, loads)) for item in items]
        except ValueError:
            return []
        self.calls += len(calls)
        return calls

    def _call(self, item: object, loads: Callable[[str], object]) -> ToolCall:
        if not isinstance(item, dict) or (tool := self._tools.get(str(item.get("name")))) is None:
            raise ValueError("no call of an offered tool")
        given: object = next((item[name] for name in _SYNONYMS if item.get(name) is not None), {})
        if tool.takes_text:
            return _with_text(self._new_id(), tool, _argument(given, loads))
        arguments = loads(given) if isinstance(given, str) and given.strip() else (given or {})
        if not isinstance(arguments, dict):
            raise ValueError("arguments are no object")  # noqa: TRY004
        text = json.dumps(arguments, ensure_ascii=False, allow_nan=False)
        return ToolCall(self._new_id(), tool.name, text, namespace=tool.namespace)


def _with_text(call_id: str, tool: Tool, text: object) -> ToolCall:
    if not isinstance(text, str):
        raise ValueError("a custom tool is given text")  # noqa: TRY004
    return ToolCall.with_text(call_id, tool.name, text, tool.namespace)


def _argument(given: object, loads: Callable[[str], object]) -> object:
    """A custom tool's one argument, which the model may have written without its name."""
    arguments = given
    if isinstance(given, str):
        with suppress(ValueError):
            arguments = loads(given)
    if isinstance(arguments, dict) and arguments.keys() == {"input"}:
        return arguments["input"]
    return given


def with_calls(
    deltas: Iterable[Delta], use: ToolUse, nonce: str, new_id: Callable[[], str]
) -> Iterator[Delta]:
    """The answer with its calls taken out of the text."""
    parser = CallParser(use, nonce, new_id)
    for delta in deltas:
        match delta:
            case Content(text) if text:
                found = parser.feed(text)
            case Finish():
                found = [*parser.flush(), _finish(delta, parser)]
            case _:
                found = [delta]
        for one in found:
            yield one
            if isinstance(one, Call) and not use.parallel:
                yield Finish("tool_calls")
                return


def _finish(finish: Finish, parser: CallParser) -> Finish:
    return Finish("tool_calls") if parser.calls and finish.reason == "stop" else finish


def _partial(tag: str) -> str:
    """A pattern for any beginning of the tag, the empty one included."""
    pattern = ""
    for character in reversed(tag):
        pattern = f"(?:{re.escape(character)}{pattern})?"
    return pattern


_STRINGS = re.compile(r'"(?:[^"\\]++|\\.)*+(?P<end>"|\\?\Z)', re.DOTALL)


def _ends_inside_string(text: str) -> bool:
    return any(match["end"] != '"' for match in _STRINGS.finditer(text))
