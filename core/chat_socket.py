"""The chat socket of a shared account: which frames are the caller's, in both directions.

One socket carries many conversations, and the upstream may tell it of others' too. A frame that
names a conversation passes when that is the caller's; a new one becomes his when the upstream says
`session.created` to a question of this socket (grok-protocol §3a). Never sees a flow or a database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.claims import ClaimTree
from core.ids import NOTHING, Found, IdNames, ObjectId, ids_in_json, ids_of_kind

type Frame = Mapping[str, Any]

MOST_HELD_SESSIONS, MOST_HELD_FRAMES = 8, 32


@dataclass(frozen=True, slots=True)
class SocketRule:
    """What `mitm_config.yaml` says of the chat socket."""

    events: frozenset[str]
    """What a page may say."""
    claims: ClaimTree
    """Where ids stand in a frame that become the caller's."""
    unnamed: frozenset[str] = frozenset()
    """What the upstream may say without naming a conversation: nothing is told by it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One message of the page, read."""

    frames: tuple[Frame, ...]
    ids: Found = NOTHING
    unknown: tuple[str, ...] = ()
    """Events that nobody has allowed; their frames are left out."""


@dataclass(frozen=True, slots=True)
class Told:
    """One message of the upstream, cut down; `claims` must be written down before it goes on."""

    frames: tuple[Frame, ...]
    claims: frozenset[ObjectId] = frozenset()


@dataclass(slots=True)
class ChatSocket:
    """What one open socket has asked for."""

    names: IdNames
    rule: SocketRule
    _own: set[str] = field(default_factory=set)
    """Conversations that were opened or begun here."""
    _begun: set[str] = field(default_factory=set)
    """Event ids of `session.create` whose conversation the upstream has yet to name."""
    _held: dict[str, list[Frame]] = field(default_factory=dict)
    """Frames of a conversation that may turn out to be the one just begun."""

    def read(self, frames: Sequence[Frame]) -> Asked:
        """What a message of the page speaks of; `asked` once it may go on."""
        unknown = tuple(kind for kind in map(event_type, frames) if kind not in self.rule.events)
        kept = tuple(frame for frame in frames if event_type(frame) in self.rule.events)
        ids = NOTHING
        for frame in kept:
            ids |= ids_in_json(frame, self.names)
        return Asked(kept, ids, unknown)

    def asked(self, frames: Iterable[Frame]) -> None:
        """These go to the upstream: their ids were found to be the caller's."""
        for frame in frames:
            if event_type(frame) != "session.create":
                continue
            conversations = self._conversations(frame)
            if conversations:
                self._own |= conversations
            else:
                self._begun.add(_text(_event(frame).get("event_id")))

    def unsure(self, frames: Iterable[Frame]) -> frozenset[ObjectId]:
        """Conversations whose owner must be looked up before `told`."""
        named = {name for frame in frames for name in self._conversations(frame)}
        return frozenset(("conversation", name) for name in named - self._own)

    def told(self, frames: Iterable[Frame], mine: frozenset[ObjectId]) -> Told:
        """What of a message of the upstream the page may see; `mine` of those `unsure` are his."""
        self._own |= {name for _, name in mine}
        passing: list[Frame] = []
        claims: set[ObjectId] = set()
        for frame in frames:
            conversations = self._conversations(frame)
            if conversations:
                named = self._passing(frame, conversations)
                claims.update(key for each in named for key in self.rule.claims.ids_in(each))
                passing += named
            elif event_type(frame) in self.rule.unnamed:
                passing.append(frame)  # about anybody's: it makes nobody an owner
        return Told(tuple(passing), frozenset(claims))

    def _passing(self, frame: Frame, conversations: set[str]) -> list[Frame]:
        if conversations <= self._own:
            return [frame]
        if len(conversations) > 1:
            return []
        (name,) = conversations
        if event_type(frame) == "session.created" and self._is_answer(frame):
            self._own.add(name)
            return [*self._released(name), frame] if self._held.get(name) else [frame]
        self._hold(name, frame)
        return []

    def _is_answer(self, frame: Frame) -> bool:
        """Whether it answers a `session.create` of this socket that named no conversation."""
        asked = _text(_event(frame).get("client_event_id"))
        if asked not in self._begun:
            return False
        self._begun.discard(asked)
        return True

    def _hold(self, name: str, frame: Frame) -> None:
        """The upstream may speak of a new conversation before it says that it is the new one."""
        if not self._begun:
            self._held.clear()
            return
        if name not in self._held and len(self._held) >= MOST_HELD_SESSIONS:
            return
        held = self._held.setdefault(name, [])
        if len(held) < MOST_HELD_FRAMES:
            held.append(frame)

    def _released(self, name: str) -> list[Frame]:
        held = self._held.pop(name)
        if not self._begun:
            self._held.clear()
        return held

    def _conversations(self, frame: Frame) -> set[str]:
        """Every conversation a frame names."""
        found = ids_of_kind(frame, self.names, "conversation")
        conversation = _event(frame).get("conversation")
        if isinstance(conversation, Mapping) and conversation.get("id"):
            found.add(_text(conversation["id"]))
        return found


def event_type(frame: Frame) -> str:
    """`session.create` and the like; empty when it has none."""
    return _text(_event(frame).get("type"))


def not_found(frame: Frame) -> dict[str, Any]:
    """What the upstream says of a conversation that the account does not have."""
    error = {"code": "not_found", "message": "Conversation not found"}
    session = {"session_id": frame["session_id"]} if frame.get("session_id") else {}
    return {**session, "event": {"type": "error", "error": error}}


def _event(frame: Frame) -> Mapping[str, Any]:
    event = frame.get("event")
    return event if isinstance(event, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
