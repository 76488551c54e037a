"""How often each user has asked today and this month, in memory first.

Counted at once in memory and written within a second; what other processes have counted (the
chat API among them) is read every second. So of a limit at most what is asked within about a second
at another process is given too much, and a crash forgets at most the last second. A write that
times out is made again, and may then count twice: the error is on the side of the limit.
"""

import asyncio
import logging
import time
from collections import Counter, defaultdict

import db
from addons.recurring import Recurring
from addons.store import StorageBusyError, Store
from core.api_key import Usage, day_of

log = logging.getLogger(__name__)

READ_SECONDS = 1.0
GATHER_SECONDS = 0.2
"""Questions of so long are written together."""
CLOCKS_DIFFER = 10.0
"""Seconds by which the clocks of two processes may differ before a count is overlooked."""


class UsageBook:
    """One per proxy process, a step of the chain for its start and stop only."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._written: dict[int, dict[str, int]] = defaultdict(dict)
        self._fresh: Counter[tuple[int, str]] = Counter()
        self._leaving: Counter[tuple[int, str]] = Counter()
        self._month = ""
        self._seen = 0.0
        self._asked = asyncio.Event()
        self._keeping = Recurring(0.0, self._keep)

    def usage(self, user_id: int, now: float) -> Usage:
        """His questions so far."""
        today = day_of(now)
        days = Counter(self._written.get(user_id, {}))
        for unwritten in (self._fresh, self._leaving):
            for (user, day), number in unwritten.items():
                if user == user_id:
                    days[day] += number
        month = sum(number for day, number in days.items() if day[:7] == today[:7])
        return Usage(days[today], month)

    def count(self, user_id: int, now: float, questions: int = 1) -> None:
        """They are about to be asked."""
        self._fresh[user_id, day_of(now)] += questions
        self._asked.set()

    async def running(self) -> None:
        await self._read()
        self._keeping.start()

    async def done(self) -> None:
        self._keeping.stop()
        await self.save()

    async def _keep(self) -> None:
        """Once something was asked, or nothing was for a while."""
        try:
            await asyncio.wait_for(self._asked.wait(), READ_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)
        except TimeoutError:
            pass
        self._asked.clear()
        await self.save()
        try:
            await self._read()
        except (StorageBusyError, db.StorageError) as error:
            log.warning("usage could not be read: %s", type(error).__name__)

    async def save(self) -> None:
        """Write what is not written yet; what fails is tried again."""
        self._leaving, self._fresh = self._fresh, Counter()
        try:
            if self._leaving:
                counts = dict(self._leaving)
                self._learn(await self._store.call(db.add_web_questions, counts, time.time()))
        except (StorageBusyError, db.StorageError) as error:
            log.warning("usage could not be saved: %s; trying again", type(error).__name__)
            self._fresh += self._leaving
        finally:
            self._leaving = Counter()

    async def _read(self) -> None:
        month = day_of(time.time())[:7]
        if month != self._month:
            self._month, self._seen = month, 0.0
            self._written.clear()
        since = self._seen - CLOCKS_DIFFER
        self._learn(await self._store.call(db.user_days_changed, since, f"{month}-01"))

    def _learn(self, days: list[db.UserDay]) -> None:
        for day in days:
            self._seen = max(self._seen, day.changed_at)
            self._written[day.user_id][day.day] = day.total
