"""The turns that one request of a client's takes."""

from collections.abc import Generator, Iterator

from api_bridge.chat_request import ChatRequest
from api_bridge.events import GrokEvent
from api_bridge.ports import Caller, GrokPort


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
