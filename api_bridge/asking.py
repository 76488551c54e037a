"""The turns that one request of a client's takes."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing

from api_bridge.chat_request import ChatRequest
from api_bridge.events import GrokEvent
from api_bridge.ports import Caller, CallerBook, GrokPort


class Asking:
    """Puts prompts to Grok, one turn after the other; closing it hangs up."""

    def __init__(self, grok: GrokPort, asked: ChatRequest, caller: Caller) -> None:
        self._grok, self._asked, self._caller = grok, asked, caller
        self._turn: Generator[GrokEvent, None, None] | None = None

    def __call__(self, prompt: str) -> Iterator[GrokEvent]:
        self.close()
        self._turn = self._grok.ask(self._asked, prompt, self._caller)
        return self._turn

    def close(self) -> None:
        if self._turn:
            self._turn.close()


def asking(
    held: ExitStack, grok: GrokPort, callers: CallerBook, asked: ChatRequest, caller: Caller
) -> Asking:
    """For a caller who may ask this, else NotAllowedError or LimitedError. `held` is what is to be
    closed in the end, whichever it is."""
    found = held.enter_context(closing(Asking(grok, asked, caller)))
    held.enter_context(callers.call(caller, asked.model.id, asked.model.mode))
    return found
