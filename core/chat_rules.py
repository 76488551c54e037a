"""What every chat on the mirrored page is made to ask for, on both chat transports.

`temporary` is the WEB_HATD setting. On an account that several people share a chat neither reads
nor feeds the account's memory, uses none of its connectors, and follows the instructions of the
user himself instead of the account's (grok-protocol §3a, §3b).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.ids import UnreadableError, plain_name
from core.modes import is_chat
from core.strict_json import read_json, write_json

NEW_CONVERSATION = frozenset({"/rest/app-chat/conversations", "/rest/app-chat/conversations/new"})
_CONNECTED_TOOLS = (
    *("gmailSearch", "googleCalendarSearch", "googleDriveSearch"),
    *("outlookSearch", "outlookCalendarSearch"),
)
_LONGEST_INSTRUCTIONS = 20_000
_INSTRUCTION_NAMES = frozenset({"custominstructions", "instructions"})


@dataclass(frozen=True, slots=True)
class ChatRules:
    """What is asked for whatever the page asks for."""

    temporary: bool = False
    shared: bool = False
    instructions: str = ""
    """The user's own; only where the account is shared, else Grok keeps them itself."""


def concerns(method: str, path: str) -> bool:
    """Whether a request (path without query) begins or continues a chat."""
    plain = path.rstrip("/")
    return method == "POST" and (plain in NEW_CONVERSATION or is_chat(method, plain))


def ruled_body(body: bytes, path: str, rules: ChatRules) -> bytes:
    """The JSON body of such a request. Raises UnreadableError when it is none."""
    value = read_json(body) if body else {}
    if not isinstance(value, dict):
        raise UnreadableError("a chat begins with an object")
    edits: dict[str, Any] = {}
    if rules.temporary and path.rstrip("/") in NEW_CONVERSATION:
        edits["temporary"] = True
    if rules.shared and is_chat("POST", path):
        edits |= {
            "disableMemory": True,
            "disablePersonalization": True,
            "searchAllConnectors": False,
            "connectorIds": [],
            "connectors": [],
            "collectionIds": [],
            "toolOverrides": _tools(value.get("toolOverrides")),
        }
        if rules.instructions and not _has(value, "customInstructions"):
            edits["customInstructions"] = rules.instructions
    return write_json(_edited(value, edits))


def ruled_frame(frame: Mapping[str, Any], rules: ChatRules) -> Mapping[str, Any]:
    """A frame of the chat socket; only those that open a session are changed."""
    event = frame.get("event")
    if not isinstance(event, dict) or event.get("type") != "session.create":
        return frame
    session = _mapping(event, "session")
    extras: dict[str, Any] = {"is_temporary": True} if rules.temporary else {}
    if rules.shared:
        extras |= {"disable_memory": True, "disable_personalization": True, "connector_ids": []}
        if rules.instructions:
            extras["custom_instructions"] = rules.instructions
    session["x_grok"] = _edited(_mapping(session, "x_grok"), extras)
    return {**frame, "event": {**event, "session": session}}


def instructions_in(settings: object, depth: int = 0) -> str:
    """What a user has told Grok to heed, wherever in his settings it stands; empty for nothing."""
    if not isinstance(settings, Mapping) or depth > 3:
        return ""
    for name, member in settings.items():
        if plain_name(name) in _INSTRUCTION_NAMES and isinstance(member, str) and member:
            return member[:_LONGEST_INSTRUCTIONS]
    inner = (instructions_in(member, depth + 1) for member in settings.values())
    return next((found for found in inner if found), "")


def _tools(value: object) -> dict[str, Any]:
    asked = value if isinstance(value, dict) else {}
    return _edited(asked, dict.fromkeys(_CONNECTED_TOOLS, False))


def _has(value: Mapping[str, Any], name: str) -> bool:
    return any(plain_name(key) == plain_name(name) and value[key] for key in value)


def _edited(value: Mapping[str, Any], edits: Mapping[str, Any]) -> dict[str, Any]:
    """With these members instead of any that another spelling would call the same."""
    names = set(map(plain_name, edits))
    return {k: v for k, v in value.items() if plain_name(k) not in names} | dict(edits)


def _mapping(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return dict(found) if isinstance(found, dict) else {}
