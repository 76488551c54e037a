"""What came of an operator's click, said once on the next page he sees; never in the address.

Kept in memory per operator session, as the session itself is.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from flask import Flask, g

from core.client_links import ClientLink, Snippet

_KEPT_EACH = 5
_SESSIONS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message; `undo` and `ids` make a button that takes it back."""

    tone: str
    key: str
    values: dict[str, object] = field(default_factory=dict)
    lines: tuple[tuple[str, str, str], ...] = ()
    """One row per object: tone, name, text key of its verdict."""
    undo: str = ""
    ids: tuple[int, ...] = ()
    secret: str = field(default="", repr=False)
    """Shown once, like a one-time link."""
    snippets: tuple[Snippet, ...] = ()
    links: tuple[ClientLink, ...] = ()
    """How to use a new API key: lines to copy, and clients to open."""


class Notices:
    """Messages waiting to be seen."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Notice]] = defaultdict(list)

    def leave(self, notice: Notice) -> None:
        """For the next page of the operator who is asking now."""
        if len(self._waiting) > _SESSIONS:
            self._waiting.clear()
        self._waiting[g.operator] = [*self._waiting[g.operator], notice][-_KEPT_EACH:]

    def take(self) -> list[Notice]:
        """Each is given out once."""
        return self._waiting.pop(g.get("operator", ""), [])


def show_notices(app: Flask, notices: Notices) -> None:
    """Give templates `take_notices()`."""
    app.jinja_env.globals["take_notices"] = notices.take
