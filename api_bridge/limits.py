"""Ends an answer early, as its caller asked: at a stop sequence, or after so many tokens.

Both look at the model's visible text only, a budget also at its calls. Thoughts are not counted:
with them, small budgets would give empty answers. What we add to the text passes whole: half a link
leads nowhere.
"""

from collections.abc import Iterable, Iterator
from typing import TypeGuard

from api_bridge.deltas import Addition, Call, Content, Delta, Finish
from api_bridge.tokens import TokenCounter


def until_stop(deltas: Iterable[Delta], stop: tuple[str, ...]) -> Iterator[Delta]:
    """The answer up to the first stop sequence, which is left out."""
    search = StopSearch(stop)
    for delta in deltas:
        if _is_the_models(delta):
            text = search.feed(delta.text)
            if text or not delta.text:
                yield Content(text)
            if search.found:
                yield Finish("stop", search.found)
                return
            continue
        if isinstance(delta, Addition | Finish) and (rest := search.flush()):
            yield Content(rest)
        yield delta


def _is_the_models(delta: Delta) -> TypeGuard[Content]:
    return isinstance(delta, Content) and not isinstance(delta, Addition)


class StopSearch:
    """Finds the first of several strings in a streamed text: the one that is whole first.

    Which one that is does not depend on where the text was cut. Holds back only what may be the
    start of one.
    """

    def __init__(self, stop: tuple[str, ...]) -> None:
        self._stop = stop
        self._held = ""
        self.found = ""

    def feed(self, text: str) -> str:
        text, self._held = self._held + text, ""
        found = [(at + len(stop), at, stop) for stop in self._stop if (at := text.find(stop)) >= 0]
        if found:
            _, at, self.found = min(found)
            return text[:at]
        keep = max(_overlap(text, stop) for stop in self._stop)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def flush(self) -> str:
        rest, self._held = self._held, ""
        return rest


def _overlap(text: str, stop: str) -> int:
    """How much of the end of `text` is a beginning of `stop`."""
    sizes = range(min(len(stop) - 1, len(text)), 0, -1)
    return next((size for size in sizes if text.endswith(stop[:size])), 0)


def until_length(deltas: Iterable[Delta], max_tokens: int) -> Iterator[Delta]:
    """The answer as far as the budget goes."""
    counter = TokenCounter()
    for delta in deltas:
        if _is_the_models(delta) and delta.text:
            fitting = _fitting(counter, delta.text, max_tokens)
            if fitting < len(delta.text):
                yield from [Content(delta.text[:fitting])] if fitting else []
                yield Finish("length")
                return
            counter.feed(delta.text)
        if isinstance(delta, Call):
            counter.feed(delta.call.name + delta.call.arguments)
            if counter.count > max_tokens:
                yield Finish("length")  # half a call is none
                return
        yield delta


def _fitting(counter: TokenCounter, text: str, max_tokens: int) -> int:
    after = counter.copy()
    after.feed(text)
    if after.count <= max_tokens:
        return len(text)
    return counter.longest_prefix(text, max_tokens)
