"""Whose objects are, as the proxy knows it: looked up beside the loop, written down before an id is
told.

What is known stays known, as an owner never changes. What is claimed goes into the journal first
and into the database a moment later.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable
from pathlib import Path

import db
from addons.ownership_journal import OwnershipJournal
from addons.store import StorageBusyError, Store
from core.ids import ANY, KINDS, Found, ObjectId

log = logging.getLogger(__name__)

MOST_KNOWN = 200_000
MOST_UNWRITTEN = 50_000
RETRY_SECONDS = 0.5
SECOND_LOOK = 0.03
"""Seconds until an id is looked for again before it counts as nobody's: another proxy process may
have told it a moment ago. It passes before every refusal, so that time tells nothing."""


class NotYoursError(Exception):
    """An answer brings what belongs to somebody else."""


class Ownership:
    """One per proxy process, started and stopped with the chain."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._journal = OwnershipJournal(folder)
        self._known: dict[tuple[int, str, str], str] = {}
        self._unwritten: list[db.Owned] = []
        self._news = asyncio.Event()
        self.written = asyncio.Event()
        """Set while everything that was claimed is in the database."""
        self.written.set()
        self._writer: asyncio.Task[None] | None = None

    async def running(self) -> None:
        """Raises when what a dead process left cannot be taken over: never serve without it."""
        for path, objects in self._journal.left_over():
            await self._store.call(db.record_ownership, objects)
            path.unlink(missing_ok=True)  # two that start at once may both have read it
        self._journal.open()
        self._writer = asyncio.create_task(self._write_on())

    async def done(self) -> None:
        if self._writer:
            self._writer.cancel()
        if self._unwritten:
            await self._write()
        self._journal.close(keep=bool(self._unwritten))

    async def is_his(self, account_id: int, owner: str, found: Found) -> bool:
        """Whether a caller may speak of all this. Raises StorageBusyError, db.StorageError."""
        if not await self._all_his(account_id, owner, found.named):
            await asyncio.sleep(SECOND_LOOK)
            if not await self._all_his(account_id, owner, found.named):
                return False
        if not found.loose:
            return True
        owners = await self._store.call(db.owners_of, account_id, list(found.loose))
        return all(name == owner for name in owners.values())

    async def owned_among(
        self, account_id: int, owner: str, objects: Iterable[ObjectId]
    ) -> frozenset[ObjectId]:
        """Those of the objects that are his."""
        wanted = set(objects)
        await self._learn(account_id, wanted)
        return frozenset(key for key in wanted if self._known.get((account_id, *key)) == owner)

    async def of_others_among(
        self, account_id: int, owner: str, objects: Iterable[ObjectId]
    ) -> frozenset[ObjectId]:
        """Those of the objects that are somebody else's."""
        wanted = set(objects)
        await self._learn(account_id, wanted)
        found = ((key, self._known.get((account_id, *key))) for key in wanted)
        return frozenset(key for key, name in found if name not in (None, owner))

    async def all_of(self, account_id: int, owner: str) -> frozenset[ObjectId]:
        """Everything of his on the account."""
        rows = await self._store.call(db.owned_by, owner, account_id)
        rows += [o for o in self._unwritten if (o.account_id, o.owner) == (account_id, owner)]
        return frozenset((row.kind, row.object_id) for row in rows)

    async def is_published(self, objects: Collection[ObjectId]) -> bool:
        """Whether each was made by somebody of this mirror, on whichever account."""
        found = [await self._store.call(db.find_owned, kind, id_) for kind, id_ in objects]
        return bool(found) and all(found)

    @property
    def can_claim(self) -> bool:
        """Whether an id could be written down now: asked before anything is made."""
        return len(self._unwritten) < MOST_UNWRITTEN and self._journal.has_room

    def claim(self, account_id: int, owner: str, objects: Iterable[ObjectId]) -> None:
        """From now on these are his. Raises NotYoursError when one is somebody else's, OSError
        when it cannot be written down; the answer must then not go on."""
        new = []
        for kind, object_id in objects:
            known = self._known.get((account_id, kind, object_id))
            if known is None:
                new.append(db.Owned(account_id, kind, object_id, owner))
            elif known != owner:
                raise NotYoursError
        if not new:
            return
        if len(self._unwritten) > 2 * MOST_UNWRITTEN:
            raise OSError("the database has been away for too long")
        self._journal.append(new)
        for item in new:
            self._know(item)
        self._unwritten += new
        self.written.clear()
        self._news.set()

    def _know(self, item: db.Owned) -> None:
        self._known[(item.account_id, item.kind, item.object_id)] = item.owner
        if len(self._known) > MOST_KNOWN:
            unwritten = {(o.account_id, o.kind, o.object_id) for o in self._unwritten}
            for key in list(self._known)[: MOST_KNOWN // 10]:
                if key not in unwritten:
                    del self._known[key]

    async def _all_his(self, account_id: int, owner: str, objects: Collection[ObjectId]) -> bool:
        await self._learn(account_id, objects)
        return all(
            any(
                self._known.get((account_id, each, object_id)) == owner
                for each in (KINDS if kind == ANY else (kind,))
            )
            for kind, object_id in objects
        )

    async def _learn(self, account_id: int, objects: Iterable[ObjectId]) -> None:
        """Ask the database for what is not known yet."""
        unknown = [key[1] for key in objects if (account_id, *key) not in self._known]
        if not unknown:
            return
        found = await self._store.call(db.owners_of, account_id, unknown)
        for (kind, object_id), owner in found.items():
            if (account_id, kind, object_id) not in self._known:
                self._know(db.Owned(account_id, kind, object_id, owner))

    async def _write_on(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._unwritten:
                if not await self._write():
                    await asyncio.sleep(RETRY_SECONDS)

    async def _write(self) -> bool:
        batch = tuple(self._unwritten)
        try:
            others = await self._store.call(db.record_ownership, batch)
        except (StorageBusyError, db.StorageError) as error:
            log.warning("owners wait for the database: %s", type(error).__name__)
            return False
        for item in others:  # the database knew better; whoever is the owner there stays it
            log.error("an id was told to two users of account %d", item.account_id)
            self._known.pop((item.account_id, item.kind, item.object_id), None)
        del self._unwritten[: len(batch)]
        if not self._unwritten:
            self._journal.clear()
            self.written.set()
        return True
