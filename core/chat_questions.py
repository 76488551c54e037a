"""What a browser asks on its way to Grok: how many questions, and in which modes.

Unlike `core.modes`, which only takes note, this is for deciding. It reads every name that could be
meant, and what can be read in two ways is an error.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from core.modes import mode_named

MOST_SESSIONS = 200
"""On one socket; a page has a handful."""
UNREADABLE = "?"
"""A mode that is on nobody's list."""

_CHAT = "/rest/app-chat/conversations/"
_SOCKET = "/ws/mgw"
_TURN = frozenset({"new", "responses"})


class UnclearError(ValueError):
    """What a message asks cannot be told."""


def is_question(method: str, path: str) -> bool:
    """Whether the request is answered by Grok in its own body, however its path is spelt."""
    plain = unquote(path.partition("?")[0]).lower().rstrip("/")
    return method == "POST" and plain.startswith(_CHAT) and plain.rpartition("/")[2] in _TURN


def is_chat_socket(path: str) -> bool:
    """Whether questions are asked on this socket."""
    return unquote(path.partition("?")[0]).lower().startswith(_SOCKET)


def modes_of_body(body: bytes) -> frozenset[str]:
    """Every mode that a question names, in its newer or older field."""
    try:
        value = json.loads(body or b"{}", object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return frozenset({UNREADABLE})
    found = value if isinstance(value, dict) else {}
    named = [found[name] for name in ("modeid", "modelname") if name in found]
    return frozenset(mode_named(n) if isinstance(n, str) else UNREADABLE for n in named)


@dataclass(frozen=True, slots=True)
class Asked:
    """What one message of the browser holds."""

    questions: int = 0
    messages: int = 0
    """What questions are about; of no use to Grok when they are not asked."""
    session_id: str = ""
    modes: frozenset[str] = frozenset()


class SocketSessions:
    """The sessions on one chat socket, each with the modes it may be in."""

    def __init__(self) -> None:
        self._modes: dict[str, frozenset[str]] = {}
        self._opening: dict[str, frozenset[str]] = {}

    def ask(self, message: bytes) -> Asked:
        """Take note of what the browser sends; UnclearError for what could be read in two ways."""
        types: list[str] = []
        session_id, modes = "", frozenset[str]()
        for frame in _frames(message):
            event, kind = _event(frame)
            types.append(kind)
            named = _text(frame, "session_id")
            if (mode := _session_mode(event)) is not None:
                self._open(kind, named, _text(event, "event_id"), mode)
            if kind in (_QUESTION, _MESSAGE):
                session_id = named
                modes |= self._modes_of(named)
        questions, messages = types.count(_QUESTION), types.count(_MESSAGE)
        return Asked(questions, messages, session_id, modes)

    def hear(self, message: bytes) -> None:
        """Take note of what Grok answers: it gives a new session its number."""
        if b"session.created" not in message:
            return
        for frame in _frames(message):
            event, kind = _event(frame)
            number = _text(frame, "session_id")
            if kind == "session.created" and number:
                opened = self._opening.pop(_text(event, "client_event_id"), None)
                opened = _all(self._opening.values()) if opened is None else opened
                said = _session_mode(event)
                modes = opened if said is None else opened | {said}
                self._modes[number] = modes or self._modes.get(number, modes)

    def _open(self, kind: str, number: str, event_id: str, mode: str) -> None:
        if len(self._modes) + len(self._opening) > MOST_SESSIONS:
            self._modes.clear()
            self._opening.clear()
        if number:
            before = (
                frozenset() if kind == "session.create" else self._modes.get(number, frozenset())
            )
            self._modes[number] = before | {mode}
        else:
            self._opening[event_id] = self._opening.get(event_id, frozenset()) | {mode}

    def _modes_of(self, number: str) -> frozenset[str]:
        """Without a number, whatever the socket has asked for; of a number that was not opened
        here, nothing is known: another socket may have opened it in any mode."""
        if number:
            return self._modes.get(number, frozenset())
        return _all([*self._modes.values(), *self._opening.values()])


def _all(modes: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*modes)


_QUESTION, _MESSAGE = "response.create", "conversation.item.create"


def _frames(message: bytes) -> Iterator[dict[str, Any]]:
    """One message may hold several objects, with nothing between them."""
    try:
        text, at = message.decode(), 0
        while at < len(text):
            if text[at].isspace():
                at += 1
                continue
            value, at = _DECODER.raw_decode(text, at)
            if isinstance(value, dict):
                yield value
    except (ValueError, RecursionError) as error:
        raise UnclearError from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Names in lower case, as some readers heed no other; each may stand once."""
    found = {name.lower(): value for name, value in pairs}
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_once)


def _event(frame: dict[str, Any]) -> tuple[dict[str, Any], str]:
    event = frame.get("event")
    return (event, _text(event, "type")) if isinstance(event, dict) else ({}, "")


def _session_mode(event: dict[str, Any]) -> str | None:
    """The mode that an event puts a session in; None when it says nothing of one."""
    session = event.get("session")
    if not isinstance(session, dict) or "model" not in session:
        return None
    model = session["model"]
    return mode_named(model) if isinstance(model, str) else UNREADABLE


def _text(value: dict[str, Any], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""
