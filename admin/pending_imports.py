"""Imports that have been previewed and not confirmed: in memory only, a few, for a quarter hour.

The page gets an id and no SSO token: what was uploaded never goes back to a browser.
"""

import secrets
from dataclasses import dataclass

from core.account_import import Recognised

KEEP_SECONDS = 900.0
_MOST = 4


@dataclass(frozen=True, slots=True)
class _Pending:
    recognised: Recognised
    since: float


class PendingImports:
    """Waiting for the operator's word."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Pending] = {}

    def keep(self, recognised: Recognised, now: float) -> str:
        """The id to confirm it by; the oldest make room."""
        self._forget_old(now)
        while len(self._waiting) >= _MOST:
            del self._waiting[next(iter(self._waiting))]
        number = secrets.token_urlsafe(16)
        self._waiting[number] = _Pending(recognised, now)
        return number

    def take(self, number: str, now: float) -> Recognised | None:
        """What was previewed, once."""
        self._forget_old(now)
        found = self._waiting.pop(number, None)
        return None if found is None else found.recognised

    def _forget_old(self, now: float) -> None:
        old = [key for key, one in self._waiting.items() if now - one.since > KEEP_SECONDS]
        for key in old:
            del self._waiting[key]
