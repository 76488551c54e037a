"""One try at a question on one account, blocking: lend, upload, ask over one transport.

Knows nothing of clocks or second tries; RefusedError says why there is no answer.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from api_bridge import mgw_transport, ndjson_transport
from api_bridge.door import Door
from api_bridge.events import GrokEvent
from api_bridge.failover import TransportMemory, may_survive_over_http
from api_bridge.lending import Lending, Lent
from api_bridge.question import Question
from api_bridge.refused import RefusedError

type Bundle = list[GrokEvent]


@dataclass
class Transports:
    """How the operator wants questions to travel, and what was learned about it."""

    choice: Literal["auto", "mgw", "http"] = "auto"
    ping_seconds: float = 25.0
    memory: TransportMemory = field(default_factory=TransportMemory)

    def ask(self, door: Door, lent: Lent, question: Question) -> Iterator[Bundle]:
        """The turn; the socket first, unless HTTP is wished or known to be what works."""
        if self.choice == "http" or self._knows_better(lent):
            yield from ndjson_transport.turn(door, question)
            return
        bundles = mgw_transport.turn(door, lent, question, self.ping_seconds)
        try:
            first = next(bundles)
        except RefusedError as refused:
            if self.choice == "mgw" or not may_survive_over_http(refused.failed):
                raise
            yield from self._over_http(door, lent, question, refused)
            return
        yield first
        yield from bundles

    def _over_http(
        self, door: Door, lent: Lent, question: Question, refused: RefusedError
    ) -> Iterator[Bundle]:
        bundles = ndjson_transport.turn(door, question)
        try:
            first = next(bundles)
        except RefusedError:
            raise refused from None  # the socket is the way; why it failed says more
        self.memory.note(lent.account_id, time.monotonic())
        yield first
        yield from bundles

    def _knows_better(self, lent: Lent) -> bool:
        is_auto = self.choice == "auto"
        return is_auto and self.memory.prefers_http(lent.account_id, time.monotonic())


@dataclass
class Attempt:
    """`lent` is set as soon as it is known, for whoever reads the bundles in another thread."""

    door: Door
    question: Callable[[Door], Question]
    """Makes the question; uploads what belongs to it to the account."""
    lending: Lending
    transports: Transports
    lent: Lent | None = None

    def bundles(self) -> Iterator[Bundle]:
        self.lent = lent = self.lending.lend(self.door)
        door = self.door.tied_to(lent.account_id)
        yield from self.transports.ask(door, lent, self.question(door))
