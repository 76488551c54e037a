"""A turn over HTTP, blocking: bundles of events, one a piece of the body, as they come.

The answer's head is waited for without a limit of its own: whoever reads the bundles has a clock.
"""

import json
import threading
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from http.client import HTTPException, HTTPResponse

from api_bridge.background import Items
from api_bridge.door import Door, account_of
from api_bridge.events import Bundle, GrokEvent, Lent, Started
from api_bridge.lifeline import Lifeline
from api_bridge.ndjson import NdjsonReader
from api_bridge.ndjson_request import body_of, path_of
from api_bridge.question import Question
from api_bridge.read_ahead import what_comes
from api_bridge.reading import Reading

_HEAR_OUT_SECONDS = 1.0
"""More than a turn's line holds once all is said."""


def turn(door: Door, question: Question, extra: Mapping[str, str] | None = None) -> Items[Bundle]:
    """All of one turn; RefusedError before the first bundle when Grok does not take it."""
    body = json.dumps(body_of(question), ensure_ascii=False).encode("utf-8", "replace")
    headers = {
        "content-type": "application/json",
        "x-xai-request-id": str(uuid.uuid4()),
        **(extra or {}),
    }
    call = door.call("POST", path_of(question), body=body, headers=headers, seconds=None)
    with ExitStack() as held:
        answer = held.enter_context(call)
        yield [Lent(account_of(answer) or 0)]
        return _Answer(answer, question.conversation_id, door.lifeline, held.pop_all())


class _Answer(Reading):
    """The body of an answer."""

    def __init__(
        self, answer: HTTPResponse, conversation_id: str, lifeline: Lifeline, held: ExitStack
    ) -> None:
        super().__init__(held)
        self._answer, self._lifeline = answer, lifeline
        self._conversation_id = conversation_id
        self._reader = NdjsonReader()

    def _read(self, seconds: float) -> list[Bundle]:
        try:
            piece = what_comes(self._answer, seconds)
        except TimeoutError:
            return []
        except (OSError, HTTPException):
            self._lifeline.check()  # cut by us, or by Grok: the reader knows what is missing
            piece = b""
        self._has_ended = not piece
        events = self._reader.feed(piece) if piece else self._reader.close()
        return [_named(events, self._conversation_id)]

    def _leave(self) -> None:
        """The rest is only heard out, so that the connection can be used again: as a rule it has
        come already, else for as long as the line holds."""
        is_heard_out = True  # or broken off in the middle of this
        try:
            is_heard_out = self._has_ended or self._is_heard_out(0.0)
        finally:
            if is_heard_out:
                super()._leave()
            else:
                threading.Thread(target=self._hear_out, daemon=True).start()

    def _hear_out(self) -> None:
        while not self._is_heard_out(_HEAR_OUT_SECONDS):
            pass
        super()._leave()

    def _is_heard_out(self, seconds: float) -> bool:
        """Or broken off."""
        try:
            while what_comes(self._answer, seconds):
                pass
        except TimeoutError:
            return self._lifeline.is_cut
        except (OSError, HTTPException):
            pass
        return True


def _named(events: list[GrokEvent], known: str) -> Bundle:
    """In a conversation that goes on, this transport does not say which one it is."""
    return [
        replace(event, conversation_id=event.conversation_id or known)
        if isinstance(event, Started)
        else event
        for event in events
    ]
