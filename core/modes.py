"""Which mode a request asks for, from the bytes of its body: one look, no parsing.

Inside a JSON string every quote is escaped, so the patterns cannot match what a person wrote.
"""

import re

_MODE = re.compile(rb'"modeId"\s*:\s*"([\w.-]{1,60})"')
_MODEL = re.compile(rb'"modelName"\s*:\s*"([\w.-]{1,60})"')
_SESSION = re.compile(rb'"session"\s*:\s*\{[^{}]*?"model"\s*:\s*"([\w.-]{1,60})"')
_OLDER = {"grok-4-auto": "auto", "grok-3": "fast", "grok-4": "expert", "grok-4-heavy": "heavy"}
_MOST_BYTES = 64 * 1024

METER_PATH = "/rest/rate-limits"
_CHAT = "/rest/app-chat/conversations"


def is_chat(method: str, path: str) -> bool:
    """Whether the request asks Grok a question that is answered in its own body."""
    return (
        method == "POST"
        and path.startswith(_CHAT)
        and path.partition("?")[0].endswith(("/new", "/responses"))
    )


def mode_in(body: bytes) -> str:
    """The mode a chat or meter request names, in its newer or older field; empty for none."""
    head = body if len(body) <= _MOST_BYTES else body[:_MOST_BYTES] + body[-_MOST_BYTES:]
    found = _MODE.search(head) or _MODEL.search(head)
    return mode_named(found[1].decode() if found else "")


def mode_named(name: str) -> str:
    """The mode that a name of any year means."""
    return _OLDER.get(name, name)


def mode_in_frame(frame: bytes) -> str:
    """The mode a frame of the chat socket opens a session in; empty when it opens none."""
    found = _SESSION.search(frame) if b"session.create" in frame else None
    return found[1].decode() if found else ""
