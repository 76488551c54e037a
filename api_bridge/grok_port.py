"""Asks Grok through the proxy's internal listener: the real `GrokPort`.

Puts together what one turn needs; accounts are chosen by the proxy, tokens are never seen here.
"""

from collections.abc import Generator

from api_bridge.attempt import Attempt, Transports
from api_bridge.chat_request import ChatRequest
from api_bridge.door import Door
from api_bridge.events import Failed, FailureKind, GrokEvent, Started
from api_bridge.lending import Lending
from api_bridge.lifeline import Lifeline
from api_bridge.ports import Caller
from api_bridge.question import Question, question_of
from api_bridge.turn import Plan, Turn
from api_bridge.watch import Patience
from core.settings import Settings
from core.wiring import Wiring


class GrokOverProxy:
    """One for the process; remembers what it learned of accounts, not of callers."""

    def __init__(
        self, wiring: Wiring, settings: Settings, patience: Patience | None = None
    ) -> None:
        self._wiring = wiring
        self._temporary = settings.api_hatd
        self._patience = patience or Patience()
        self._lending = Lending()
        self._transports = Transports(settings.chat_transport, self._patience.ping)

    def ask(
        self, request: ChatRequest, prompt: str, caller: Caller
    ) -> Generator[GrokEvent, None, None]:
        tie: int | None = None

        def question(door: Door) -> Question:
            return question_of(request, prompt, temporary=self._temporary)

        def attempt(lifeline: Lifeline, avoid: frozenset[int]) -> Attempt:
            door = Door(self._wiring, caller, lifeline, tie, avoid)
            return Attempt(door, question, self._lending, self._transports)

        def failed(account_id: int, failure: Failed) -> None:
            if failure.kind in (FailureKind.SIGNED_OUT, FailureKind.ANTI_BOT):
                self._lending.forget(account_id)

        def note(account_id: int, started: Started) -> bool:
            return True

        plan = Plan(
            attempt=attempt,
            failed=failed,
            note=note,
        )
        return Turn(plan, self._patience, is_tied=tie is not None or caller.kind == "sso")
