"""Forgets guests who have stayed away for a week; and signs all out when there is no guest mode."""

import logging
import time

import db
from addons.recurring import Recurring
from addons.store import StorageBusyError, Store

log = logging.getLogger(__name__)

IDLE_SECONDS = 7 * 86_400.0
SWEEP_SECONDS = 3600.0


class GuestSweep:
    """A step of the chain for its start and stop only."""

    def __init__(self, store: Store, *, has_guests: bool) -> None:
        self._store = store
        self._has_guests = has_guests
        self._sweeping = Recurring(SWEEP_SECONDS, self._sweep, first=0.0)

    async def running(self) -> None:
        if not self._has_guests:
            await self._store.call(db.end_guest_sessions)
        self._sweeping.start()

    def done(self) -> None:
        self._sweeping.stop()

    async def _sweep(self) -> None:
        try:
            gone = await self._store.call(db.purge_guests, time.time() - IDLE_SECONDS)
            if gone:
                log.info("%d guests who had stayed away were forgotten", gone)
        except (StorageBusyError, db.StorageError) as error:
            log.warning("guests could not be swept: %s", type(error).__name__)
