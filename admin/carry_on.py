"""Goes on with a conversation in the user's present car: its transcript is asked as one question.

It counts as the user's other questions do, before it sets out.
"""

import threading
import time

import db
from admin.language import text
from admin.library import Read, is_alive
from core.allowance import objection
from core.api_key import day_of
from core.carried_on import Begin, Wish, transcript_message
from core.user import User, UserRules

_USUAL_MODE = "fast"
"""What every tier has."""


class CarryOnError(Exception):
    """Why not, as the page says it."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class CarryOn:
    """One for the process; one at a time for each user, so that he is counted once."""

    def __init__(self, begin: Begin | None) -> None:
        self._begin = begin
        self._busy: set[int] = set()
        self._lock = threading.Lock()

    def __call__(self, user: User, read: Read) -> str:
        """The id of the new conversation, which is the user's; CarryOnError."""
        with self._lock:
            if user.id in self._busy:
                raise CarryOnError(text("continue_busy"), 429)
            self._busy.add(user.id)
        try:
            return self._go_on(user, read)
        finally:
            with self._lock:
                self._busy.discard(user.id)

    def _go_on(self, user: User, read: Read) -> str:
        if user.account_id is None or not is_alive(user.account_id):
            raise CarryOnError(text("conversation_continue_no_car"), 409)
        message = transcript_message(read.head.title, read.messages)
        if not message:
            raise CarryOnError(text("continue_empty"), 409)
        mode = _mode(user.rules)
        _count(user, mode)
        if self._begin is None:
            raise CarryOnError(text("continue_failed", why="offline"), 503)
        begun = self._begin(Wish(user.id, user.account_id, mode, message))
        if not begun.conversation_id:
            raise CarryOnError(text("continue_failed", why=begun.failure), 502)
        return begun.conversation_id


def _mode(rules: UserRules) -> str:
    return _USUAL_MODE if rules.may_use_mode(_USUAL_MODE) else rules.modes[0]


def _count(user: User, mode: str) -> None:
    now = time.time()
    against = objection(user.rules, db.user_usage(user.id, now), frozenset({mode}))
    if against:
        raise CarryOnError(text(f"continue_{against}"), 403 if against == "mode" else 429)
    db.add_web_questions({(user.id, day_of(now)): 1}, now)
