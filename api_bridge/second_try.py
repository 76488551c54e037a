"""Asks once more when an answer is not what the request insists on, and never invents one.

For JSON and for forced tool calls. The answer is held until it is known to be good; signs of life
go out meanwhile. A second answer is final, whatever it is.
"""

from collections.abc import Callable, Iterable, Iterator

from api_bridge.chat_request import ChatRequest
from api_bridge.deltas import Call, Content, Delta, Ids, Reasoning, Waiting
from api_bridge.errors import GrokFailedError
from api_bridge.json_schema import complaint
from api_bridge.transcript import follow_up

type Ask = Callable[[str], Iterable[Delta]]

_NO_CALL = "Your answer must be a tool call in the tags described above, and nothing else."


def insisting(ask: Ask, prompt: str, request: ChatRequest) -> Iterator[Delta]:
    """The answer to a prompt; the second one, where the first was not as it must be."""
    held: list[Delta] = []
    has_thought = False
    for delta in _holding(ask(prompt), held):
        has_thought = has_thought or isinstance(delta, Reasoning)
        yield delta
    text = "".join(delta.text for delta in held if isinstance(delta, Content))
    if problem := _problem(held, text, request):
        second: list[Delta] = []
        try:
            again = _holding(ask(follow_up(prompt, text, problem)), second)
            yield from _apart(again) if has_thought else again
        except GrokFailedError:
            second = held  # an answer that is not good enough is better than none
        held = second
    yield from held


def insists(request: ChatRequest) -> bool:
    """Whether there are answers that the request cannot do with."""
    return bool(request.json_format) or _must_call(request)


def _must_call(request: ChatRequest) -> bool:
    return request.tool_use.is_on and request.tool_use.mode == "required"


def _holding(deltas: Iterable[Delta], held: list[Delta]) -> Iterator[Delta]:
    for delta in deltas:
        if isinstance(delta, Reasoning | Ids | Waiting):
            yield delta
            continue
        if not held:
            yield Content("")
        held.append(delta)


def _apart(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """The thoughts of a second answer, with a gap behind those of the first."""
    has_begun = False
    for delta in deltas:
        if isinstance(delta, Reasoning) and not has_begun:
            has_begun = True
            yield Reasoning("\n\n")
        yield delta


def _problem(held: list[Delta], text: str, request: ChatRequest) -> str | None:
    if any(isinstance(delta, Call) for delta in held):
        return None
    if _must_call(request):
        return _NO_CALL
    return complaint(text, request.json_format) if request.json_format else None
