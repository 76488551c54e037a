"""Begins a conversation on the page's behalf, with an earlier one's transcript as its first words.

The caller has the new id as soon as it is written down whose it is; the answer is heard to its end
in the background, as Grok stops when nobody listens.
"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from api_bridge import conversations
from api_bridge.attachments import fitting
from api_bridge.attempt import Attempt, Transports
from api_bridge.door import Door
from api_bridge.events import Failed, FailureKind, GrokEvent, Started
from api_bridge.internal_listener import InternalListener
from api_bridge.lifeline import Lifeline
from api_bridge.ports import Caller
from api_bridge.question import Question
from api_bridge.turn import Plan, Turn
from api_bridge.uploads import upload
from api_bridge.watch import Patience
from core.carried_on import Begun, Wish
from core.settings import Settings


class CarriedTurns:
    """One for the process: `begin` is what the users' pages are given."""

    def __init__(self, listener: InternalListener, settings: Settings) -> None:
        self._listener = listener
        self._patience = Patience()
        self._transports = Transports(settings.chat_transport, self._patience.ping)
        self._temporary = settings.web_hatd

    def begin(self, wish: Wish) -> Begun:
        """Returns with the first words of the answer; what it costs has been counted before."""
        caller = Caller("user", str(wish.user_id))
        question = Question(
            message=wish.message,
            mode=wish.mode,
            temporary=self._temporary,
            web_search=False,
            image_generation=False,
        )

        def attempt(lifeline: Lifeline, avoid: frozenset[int]) -> Attempt:
            door = Door(self._listener, caller, lifeline, wish.account_id, mode=wish.mode)
            return Attempt(door, partial(_asked, question), self._transports)

        plan = Plan(attempt=attempt, note=partial(conversations.note, caller))
        turn = Turn(plan, self._patience, is_tied=True)
        begun = _first(turn)
        if begun.conversation_id:
            threading.Thread(target=_hear, args=(turn,), name="carried turn", daemon=True).start()
        else:
            turn.close()
        return begun


def _asked(question: Question, attempt: Attempt) -> Question:
    message, overlong = fitting(question.message)
    ids = tuple(upload(attempt.settled(), file) for file in overlong)
    return replace(question, message=message, file_ids=ids)


def _first(turn: Turn) -> Begun:
    for event in turn:
        if isinstance(event, Started) and event.conversation_id:
            return Begun(event.conversation_id)
        if isinstance(event, Failed):
            return Begun(failure=event.kind.value)
    return Begun(failure=FailureKind.EMPTY.value)


def _hear(turn: Iterator[GrokEvent]) -> None:
    for _ in turn:
        pass
