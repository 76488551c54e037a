"""The list of modes that Grok's page offers, as a user who is held to some of them gets it.

The others stay in the list and are marked as unavailable, in Grok's own form; the page then offers
them to nobody. That they are not used all the same is decided when a question is asked.
"""

import json
from collections.abc import Sequence
from typing import Any

MODES_PATH = "/rest/modes"
MOST_BYTES = 256 * 1024
_CLOSED = {"unavailable": {"message": "Not open to you here. 你不能使用此模式。"}}


class ModeMenu:
    """A stage: holds the list to its end, then gives it with the marks. What is no such list
    passes as it is."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._allowed = allowed
        self._held = b""
        self._is_too_long = False

    def feed(self, data: bytes) -> bytes:
        if self._is_too_long:
            return data
        self._held += data
        if len(self._held) <= MOST_BYTES:
            return b""
        self._is_too_long = True
        return self.flush(marked=False)

    def flush(self, *, marked: bool = True) -> bytes:
        held, self._held = self._held, b""
        return _marked(held, self._allowed) if marked and held else held


def _marked(body: bytes, allowed: Sequence[str]) -> bytes:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body
    modes = value.get("modes") if isinstance(value, dict) else None
    if not isinstance(modes, list) or not all(isinstance(mode, dict) for mode in modes):
        return body
    shown = [m if m.get("id") in allowed else {**m, "availability": _CLOSED} for m in modes]
    value = {**value, "modes": shown, "defaultModeId": _default(value, shown)}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _default(value: dict[str, Any], modes: Sequence[dict[str, Any]]) -> object:
    """The same if it is open, else the first that is."""
    is_open = [mode.get("id") for mode in modes if "available" in _availability(mode)]
    default = value.get("defaultModeId")
    return default if default in is_open or not is_open else is_open[0]


def _availability(mode: dict[str, Any]) -> dict[str, Any]:
    found = mode.get("availability")
    return found if isinstance(found, dict) else {}
