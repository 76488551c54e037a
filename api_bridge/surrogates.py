"""Puts characters together of which Grok sends one half after the other.

JSON can spell half of a UTF-16 pair, and JavaScript joins the halves by itself; in Python, and in
UTF-8, they would stay apart.
"""

from api_bridge.request_fields import clean


class Halves:
    """Feed the pieces of a text, get pieces of whole characters; flush gives what was left."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        if text.isascii() and not self._held:
            return text
        text, self._held = self._held + text, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return clean(text)

    def flush(self) -> str:
        rest, self._held = self._held, ""
        return clean(rest)
