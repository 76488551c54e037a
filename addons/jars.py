"""The cookie jars in force: what the upstream has set since the database was last read.

Cloudflare renews a cookie with nearly every answer, so jars change in memory at once and are
written together every few seconds; losing the last seconds costs nothing but one renewal.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import db
from addons.recurring import Recurring
from addons.store import StorageBusyError, Store
from core.account import Account

log = logging.getLogger(__name__)

SAVE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Kept:
    """A jar, and the operator's own values it grew from: when those change it is void."""

    jar: Mapping[str, str]
    sso_token: str
    extra_cookies: Mapping[str, str]


class Jars:
    """One per proxy process, a step of the chain for its start and stop only."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[int, _Kept] = {}
        self._unsaved: set[int] = set()
        self._saving = Recurring(SAVE_SECONDS, self._save)

    def of(self, account: Account) -> Mapping[str, str]:
        """The jar of this account now."""
        kept = self._kept.get(account.id)
        is_current = (
            kept is not None
            and kept.sso_token == account.sso_token
            and kept.extra_cookies == account.extra_cookies
        )
        return kept.jar if kept and is_current else account.jar

    def keep(self, account: Account, jar: Mapping[str, str]) -> None:
        """From now on this is the account's jar."""
        self._kept[account.id] = _Kept(jar, account.sso_token, account.extra_cookies)
        self._unsaved.add(account.id)

    def running(self) -> None:
        self._saving.start()

    async def done(self) -> None:
        self._saving.stop()
        await self._save()

    async def _save(self) -> None:
        unsaved, self._unsaved = self._unsaved, set()
        for account_id in unsaved:
            try:
                await self._store.call(db.save_jar, account_id, self._kept[account_id].jar)
            except (StorageBusyError, db.StorageError):
                log.warning("a cookie jar could not be saved; trying again")
                self._unsaved.add(account_id)
