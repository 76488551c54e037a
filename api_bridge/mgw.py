"""Grok's chat WebSocket, the receiving side: text messages → events, and what may be sent next.

A message may hold several JSON objects, an object may need several messages. History replays,
other conversations on the socket and whatever follows the end of the answer are left out.
"""

from collections.abc import Callable, Iterator

from api_bridge import mgw_events, mgw_frames
from api_bridge.events import Failed, FailureKind, GrokEvent
from api_bridge.grok_fields import fields_of, text_of
from api_bridge.json_objects import JsonObject, JsonObjects, TooLargeError
from api_bridge.question import Question
from api_bridge.turn_state import TurnState

_TOO_LARGE = Failed(FailureKind.INTERNAL, "Grok sent a frame that is too large.")


class MgwReader:
    """One answer on a socket: feed its messages, close when the socket closes."""

    def __init__(self) -> None:
        self._state = TurnState()
        self._objects = JsonObjects()
        self._was_created = self._was_attached = False
        self.heard = 0
        """Objects so far that show this turn to be alive: no pongs, and none of other sessions."""

    @property
    def session_id(self) -> str:
        """The conversation's id as well."""
        return self._state.conversation_id

    @property
    def is_ready(self) -> bool:
        """Whether the server has opened the session and attached the conversation."""
        return self._was_created and self._was_attached and bool(self.session_id)

    @property
    def has_ended(self) -> bool:
        return self._state.has_ended

    def feed(self, message: str) -> list[GrokEvent]:
        try:
            objects = self._objects.feed(message)
        except TooLargeError:
            return [] if self.has_ended else self._state.fail(_TOO_LARGE)
        return [event for value in objects for event in self._read(value)]

    def close(self) -> list[GrokEvent]:
        return self._state.close()

    def _read(self, value: JsonObject) -> Iterator[GrokEvent]:
        event, session_id = fields_of(value, "event"), text_of(value, "session_id")
        if self.has_ended or (session_id and self.session_id not in ("", session_id)):
            return
        if event.get("type") != "pong" and (session_id or not self.session_id):
            self.heard += 1
        match event.get("type"):
            case "session.created":
                self._was_created = True
                yield from self._state.started(session_id)
            case "conversation.attached":
                self._was_attached = True
                conversation_id = text_of(fields_of(event, "conversation"), "id")
                yield from self._state.started(conversation_id or session_id)
            case _:
                yield from mgw_events.events_of(event, self._state)


class MgwTurn:
    """One question and its answer: says which frames to send, and when."""

    def __init__(self, question: Question, new_id: Callable[[], str]) -> None:
        self._question, self._new_id = question, new_id
        self._has_asked = False
        self.reader = MgwReader()

    def opening(self) -> str:
        """The first frame of the socket."""
        return mgw_frames.session_create(self._question, f"evt_init_{self._new_id()}")

    def next_frames(self) -> list[str]:
        """What may be sent now: the question, once, as soon as the server is ready for it."""
        if self._has_asked or self.reader.has_ended or not self.reader.is_ready:
            return []
        self._has_asked = True
        session_id, new_id = self.reader.session_id, self._new_id
        item = mgw_frames.item_create(self._question, session_id, f"evt_msg_{new_id()}", new_id())
        return [item, mgw_frames.response_create(session_id, f"evt_resp_{new_id()}")]

    def ping(self) -> str:
        """A frame that keeps the socket open; may be sent at any time."""
        return mgw_frames.ping(f"evt_hb_{self._new_id()}")
