"""Makes every conversation a temporary one, on both chat transports (the WEB_HATD setting).

A request that cannot be read is an error, not a chance to slip through.
"""

import json
from typing import Any

NEW_CONVERSATION = frozenset({"/rest/app-chat/conversations", "/rest/app-chat/conversations/new"})


def temporary_body(body: bytes) -> bytes:
    """The JSON body of a new conversation. Raises ValueError when it is none."""
    value = json.loads(body or b"{}")
    if not isinstance(value, dict):
        raise ValueError("a conversation begins with an object")  # noqa: TRY004 - data, not code
    return _encoded({**value, "temporary": True})


def temporary_frame(frame: bytes) -> bytes:
    """A frame of the chat socket, which may hold several objects. Raises ValueError."""
    if b"session.create" not in frame and b"\\u" not in frame:  # an escape could spell it
        return frame
    text, decoder, objects = frame.decode(), json.JSONDecoder(), []
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        objects.append(_encoded(_temporary_session(value)))
        text = text[end:]
    return b"".join(objects)


def _temporary_session(value: Any) -> Any:  # noqa: ANN401 - JSON
    event = value.get("event") if isinstance(value, dict) else None
    if not isinstance(event, dict) or event.get("type") != "session.create":
        return value
    session = _mapping(event, "session")
    session["x_grok"] = {**_mapping(session, "x_grok"), "is_temporary": True}
    return {**value, "event": {**event, "session": session}}


def _mapping(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return dict(found) if isinstance(found, dict) else {}


def _encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
