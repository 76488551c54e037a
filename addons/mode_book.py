"""What the pool knows of its accounts by mode: quota and rests, in memory first.

Changed at once in memory, written together every few seconds, and read again for what another
proxy process has learnt. Losing the last seconds costs at most one request that is refused again.
"""

import json
import logging
import time
from dataclasses import replace

import db
from addons.recurring import Recurring
from addons.store import StorageBusyError, Store
from core.mode_state import ALL_MODES, ModeState
from core.quota import Quota, measured
from core.rests import Rest

log = logging.getLogger(__name__)

SAVE_SECONDS = 2.0


class ModeBook:
    """One per proxy process, a step of the chain for its start and stop only."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._states: dict[tuple[int, str], ModeState] = {}
        self._unsaved: set[tuple[int, str]] = set()
        self._saving = Recurring(SAVE_SECONDS, self._save_and_read)
        self._seen = 0.0

    def of(self, account_id: int, mode: str) -> ModeState:
        """What is known; of an account nobody has spoken about, nothing."""
        found = self._states.get((account_id, mode))
        return found or ModeState(account_id=account_id, mode=mode)

    def rest_of(self, account_id: int, mode: str) -> Rest:
        """The longer of two rests: the account's own, and the one it takes in this mode."""
        whole = self._states.get((account_id, ALL_MODES))
        part = self._states.get((account_id, mode)) if mode else None
        rests = [state.rest for state in (whole, part) if state]
        return max(rests, key=lambda rest: (rest.until, rest.failures), default=Rest())

    def left_of(self, account_id: int, mode: str, now: float) -> int | None:
        """Questions left, as far as anybody has said."""
        state = self._states.get((account_id, mode)) if mode else None
        return state.quota.left(now) if state else None

    def read_meter(self, account_id: int, mode: str, body: bytes) -> None:
        """Grok's own word on a quota, as it passed by; what is no such word is left aside."""
        now = time.time()
        try:
            said = json.loads(body)
        except ValueError:
            return
        quota = measured(said, now) if isinstance(said, dict) else None
        if quota:
            self.set_quota(account_id, mode, quota, now)

    def set_quota(self, account_id: int, mode: str, quota: Quota, now: float) -> None:
        self._keep(replace(self.of(account_id, mode), quota=quota, changed_at=now))

    def set_rest(self, account_id: int, mode: str, rest: Rest, now: float) -> None:
        self._keep(replace(self.of(account_id, mode), rest=rest, changed_at=now))

    def _keep(self, state: ModeState) -> None:
        key = (state.account_id, state.mode)
        self._states[key] = state
        self._unsaved.add(key)

    async def running(self) -> None:
        await self._read()
        self._saving.start()

    async def done(self) -> None:
        self._saving.stop()
        await self.save()

    async def _save_and_read(self) -> None:
        await self.save()
        try:
            await self._read()
        except (StorageBusyError, db.StorageError) as error:
            log.warning("quotas could not be read: %s", type(error).__name__)

    async def save(self) -> None:
        """Write what is not written yet; what fails is tried again."""
        unsaved, self._unsaved = self._unsaved, set()
        if not unsaved:
            return
        try:
            await self._store.call(db.save_mode_states, [self._states[key] for key in unsaved])
        except (StorageBusyError, db.StorageError) as error:
            log.warning("quotas could not be saved: %s; trying again", type(error).__name__)
            self._unsaved |= unsaved

    async def _read(self) -> None:
        since = self._seen
        # Clocks of two processes differ by a little: look twice rather than miss one.
        for state in await self._store.call(db.load_mode_states, since - SAVE_SECONDS * 2):
            self._seen = max(self._seen, state.changed_at)
            known = self._states.get((state.account_id, state.mode))
            if known is None or known.changed_at < state.changed_at:
                self._states[state.account_id, state.mode] = state
