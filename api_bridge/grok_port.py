"""Asks Grok through the proxy's internal listener: the real `GrokPort`.

Puts together what one turn needs. Accounts are chosen by the proxy; no token of the pool is ever
seen here.
"""

from collections.abc import Generator
from dataclasses import dataclass, field, replace

from api_bridge import conversations
from api_bridge.attachments import Attachment, attachments_of, fitting
from api_bridge.attempt import Attempt, Transports
from api_bridge.chat_request import ChatRequest
from api_bridge.door import Door
from api_bridge.events import Failed, GrokEvent, Started
from api_bridge.image_fetch import ImageFetch
from api_bridge.internal_listener import InternalListener
from api_bridge.lifeline import Lifeline
from api_bridge.messages import FilePart, ImagePart
from api_bridge.ports import Caller
from api_bridge.question import Question, question_of
from api_bridge.transcript import new_messages
from api_bridge.turn import Plan, Turn
from api_bridge.uploads import upload
from api_bridge.watch import Patience
from core.settings import Settings


class GrokOverProxy:
    """One for the process; what it remembers is about accounts, never about callers."""

    def __init__(
        self, listener: InternalListener, settings: Settings, patience: Patience | None = None
    ) -> None:
        self._listener = listener
        self._patience = patience or Patience()
        self._transports = Transports(settings.chat_transport, self._patience.ping)

    def ask(
        self, request: ChatRequest, prompt: str, caller: Caller
    ) -> Generator[GrokEvent, None, None]:
        question = question_of(request, prompt)
        tie = conversations.account_for(caller, question)
        if isinstance(tie, Failed):
            return _refused(tie)
        asked = _Asked(question, _parts_of(request))

        def attempt(lifeline: Lifeline, avoid: frozenset[int]) -> Attempt:
            mode, sticky = question.mode, request.sticky
            door = Door(self._listener, caller, lifeline, tie, avoid, mode, sticky)
            return Attempt(door, asked.on, self._transports)

        def note(account_id: int, started: Started) -> bool:
            if request.temporary:
                return True  # the ids stay here
            return conversations.note(caller, account_id, started)

        plan = Plan(attempt=attempt, note=note)
        is_tied = tie is not None or caller.kind == "sso"
        return Turn(plan, self._patience, is_tied=is_tied)


@dataclass
class _Asked:
    """A question with its files, which are fetched once and uploaded for each account anew."""

    question: Question
    parts: list[ImagePart | FilePart]
    _files: list[Attachment] | None = field(default=None, init=False)

    def on(self, attempt: Attempt) -> Question:
        """The question as it is put in this attempt; blocking."""
        message, overlong = fitting(self.question.message)
        if self._files is None:
            self._files = attachments_of(self.parts, ImageFetch(attempt.door.lifeline)) + overlong
        ids = tuple(upload(attempt.settled(), file) for file in self._files)
        return replace(self.question, message=message, file_ids=ids)


def _parts_of(request: ChatRequest) -> list[ImagePart | FilePart]:
    return [part for message in new_messages(request) for part in message.attachments]


def _refused(failed: Failed) -> Generator[GrokEvent, None, None]:
    yield failed
