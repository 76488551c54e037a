"""Stands in for the network: says what a test tells it to, and remembers what it was asked."""

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from api_bridge.chat_request import ChatRequest
from api_bridge.errors import LimitedError
from api_bridge.events import Finished, GrokEvent, Image, Started, Text
from api_bridge.models import ModelChoice
from api_bridge.ports import Caller

KEY = "sk-right"
ALICE = Caller("key", "1")

type Turn = Iterable[GrokEvent] | Callable[[str], Iterable[GrokEvent]]


@dataclass
class FakeGrok:
    """Plays its turns one after the other; the last one again and again."""

    turns: list[Turn] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)
    open_turns: int = 0

    def ask(
        self, request: ChatRequest, prompt: str, caller: Caller
    ) -> Generator[GrokEvent, None, None]:
        self.prompts.append(prompt)
        self.callers.append(caller)
        turn = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        self.open_turns += 1
        try:
            yield from turn(prompt) if callable(turn) else turn
        finally:
            self.open_turns -= 1


@dataclass
class FakeCallers:
    caller: Caller = ALICE
    questions: int = 9
    """How many may be asked within a call, the first aside."""

    def again(self, caller: Caller) -> None:
        if not self.questions:
            raise LimitedError("No more.", 60)
        self.questions -= 1

    def caller_of(self, key: str, address: str) -> Caller | None:
        return self.caller if key == KEY else None

    def admit(self, caller: Caller, model: str, mode: str = "") -> None:
        pass

    def call(self, caller: Caller, model: str, mode: str = "") -> AbstractContextManager[None]:
        return nullcontext()


class FakeImages:
    def content_of(self, image: Image, caller: Caller) -> bytes:
        return image.image_id.encode()

    def url_of(self, image: Image, mirror_origin: str) -> str:
        return f"{mirror_origin}/-/image/{image.image_id}"


@dataclass
class FakeOffer:
    """These modes; all when there are none."""

    modes: set[str] = field(default_factory=set)

    def of(self, caller: Caller) -> Callable[[ModelChoice], bool]:
        return lambda model: not self.modes or model.mode in self.modes


def said(*pieces: str) -> list[GrokEvent]:
    return [Started("c-1", "r-1"), *map(Text, pieces), Finished("r-1")]
