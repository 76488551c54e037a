"""One try at a question on one account, blocking: upload, ask over one transport.

Knows nothing of clocks or second tries; RefusedError says why there is no answer.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from api_bridge import mgw_transport, ndjson_transport
from api_bridge.background import Items
from api_bridge.door import Door
from api_bridge.events import Bundle
from api_bridge.failover import OWN, TransportMemory, may_survive_over_http
from api_bridge.question import Question
from api_bridge.refused import RefusedError


@dataclass
class Transports:
    """How the operator wants questions to travel, and what was learned about it."""

    choice: Literal["auto", "mgw", "http"] = "auto"
    ping_seconds: float = 25.0
    memory: TransportMemory = field(default_factory=TransportMemory)

    def ask(self, door: Door, question: Question) -> Items[Bundle]:
        """The turn; the socket first, unless HTTP is wished or known to be what works."""
        if self.choice == "auto" and self.memory.may_prefer_http(time.monotonic()):
            door = door.settled()
        if self.choice == "http" or self._knows_better(door):
            return (yield from ndjson_transport.turn(door, question))
        bundles = mgw_transport.turn(door, question, self.ping_seconds)
        try:
            first = next(bundles)
        except RefusedError as refused:
            if self.choice == "mgw" or not may_survive_over_http(refused.failed):
                raise
            door = door.tied_to(refused.account_id)
            return (yield from self._over_http(door, question, refused))
        yield first
        return (yield from bundles)

    def _over_http(self, door: Door, question: Question, refused: RefusedError) -> Items[Bundle]:
        bundles = ndjson_transport.turn(door, question)
        try:
            first = next(bundles)
        except RefusedError as second:
            # The socket is the way: why it failed says more.
            known = refused.account_id or second.account_id
            raise RefusedError(refused.failed, known) from None
        if door.account_id or door.caller.kind == "sso":
            self.memory.note(door.account_id or OWN, time.monotonic())
        yield first
        return (yield from bundles)

    def _knows_better(self, door: Door) -> bool:
        is_auto = self.choice == "auto"
        return is_auto and self.memory.prefers_http(door.account_id or OWN, time.monotonic())


@dataclass
class Attempt:
    """The first bundle is empty: the question is on its way, and its time counts. The first that
    holds something tells which account it is on."""

    door: Door
    question: Callable[["Attempt"], Question]
    """Makes the question of this attempt; settles it when there is something to upload."""
    transports: Transports

    def bundles(self) -> Items[Bundle]:
        question = self.question(self)
        yield []
        return (yield from self.transports.ask(self.door, question))

    def settled(self) -> Door:
        """From now on on one account."""
        self.door = self.door.settled()
        return self.door
