"""Who is signed in as operator: kept in memory only, gone after half an hour of rest or a restart.

A restart signs the operator out; in exchange no row anywhere can sign anybody in as one.
"""

import secrets

from core.mirror_session import secret_hash

IDLE_SECONDS = 1800.0


class AdminSessions:
    """Living operator sessions of this process."""

    def __init__(self) -> None:
        self._last_used: dict[str, float] = {}

    def start(self, now: float) -> str:
        """A new cookie value; sessions at rest are forgotten on the way."""
        rested = [key for key, used in self._last_used.items() if now - used > IDLE_SECONDS]
        for key in rested:
            del self._last_used[key]
        cookie_value = secrets.token_urlsafe(32)
        self._last_used[secret_hash(cookie_value)] = now
        return cookie_value

    def is_alive(self, cookie_value: str, now: float) -> bool:
        """Whether the cookie signs in; being asked counts as use."""
        key = secret_hash(cookie_value)
        used = self._last_used.get(key)
        if used is None or now - used > IDLE_SECONDS:
            self._last_used.pop(key, None)
            return False
        self._last_used[key] = now
        return True

    def end(self, cookie_value: str) -> None:
        """Sign out."""
        self._last_used.pop(secret_hash(cookie_value), None)
