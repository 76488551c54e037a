"""The proxy's view of the database: a snapshot to read from, threads to write with.

The event loop never touches SQL. Accounts and egresses are read from the snapshot, which is
renewed within a second of a change; mirror sessions are looked up once and believed for a few
seconds, so that a revocation bites within five.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import db
from addons.recurring import Recurring
from core.account import Account
from core.egress import Egress
from core.mirror_session import MirrorSession, needs_touch
from core.people import People
from core.pools import Reach
from core.unknown_routes import UnknownRoute
from core.user import UserRules

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
SESSION_SECONDS = 2.0
WRITE_SECONDS = 5.0


class StorageBusyError(Exception):
    """A database call did not finish in time."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Accounts and egresses by id, everybody they are lent to and what the operator has allowed, as
    they were at `revision`."""

    revision: int = -1
    accounts: Mapping[int, Account] = field(default_factory=dict)
    egresses: Mapping[int, Egress] = field(default_factory=dict)
    people: People = field(default_factory=People)
    allowed: frozenset[UnknownRoute] = frozenset()
    """What the operator lets pass that the route table does not know."""


@dataclass(frozen=True, slots=True)
class _Known:
    session: MirrorSession | None
    until: float


class Store:
    """One per proxy process; started and stopped with the chain."""

    def __init__(self) -> None:
        self.snapshot = Snapshot()
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="db")
        self._sessions: dict[str, _Known] = {}
        self._touches: dict[int, asyncio.Task[None]] = {}
        self._polling = Recurring(POLL_SECONDS, self._poll)

    @property
    def accounts(self) -> Mapping[int, Account]:
        return self.snapshot.accounts

    @property
    def egresses(self) -> Mapping[int, Egress]:
        return self.snapshot.egresses

    async def running(self) -> None:
        self.snapshot = await self.call(_read_snapshot)
        self._polling.start()

    async def done(self) -> None:
        self._polling.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def call[**P, T](self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a database function in a thread. Raises StorageBusyError after 5 s, or at once when
        the database is away.
        """
        work = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: function(*args, **kwargs)
        )
        try:
            return await asyncio.wait_for(asyncio.shield(work), WRITE_SECONDS)
        except (TimeoutError, db.DatabaseUnavailableError) as error:
            work.add_done_callback(_hear_out)
            raise StorageBusyError from error

    async def refresh(self) -> None:
        """Read the snapshot again now: after a write that the next step relies on."""
        self.snapshot = await self.call(_read_snapshot)

    async def rules_of(self, user_id: int) -> UserRules | None:
        """What this user may have; None when there is none of this id."""
        if user_id not in self.snapshot.people.rules:
            await self._refresh_people()
        return self.snapshot.people.rules.get(user_id)

    async def reach_of_user(self, user_id: int) -> Reach | None:
        """The accounts he may ride; None when there is none of this id."""
        if user_id not in self.snapshot.people.rules:
            await self._refresh_people()
        return self.snapshot.people.reach_of_user(user_id)

    async def reach_of_caller(self, caller: str) -> Reach | None:
        """The same for a caller of the API."""
        if self.snapshot.people.reach_of_caller(caller) is None:
            await self._refresh_people()
        return self.snapshot.people.reach_of_caller(caller)

    async def _refresh_people(self) -> None:
        """For somebody who came a moment ago."""
        people = await self.call(db.load_people)
        self.snapshot = replace(self.snapshot, people=people)

    async def session(self, cookie: str) -> MirrorSession | None:
        """The mirror session of this cookie value, None when there is none."""
        known = self._sessions.get(cookie)
        now = time.monotonic()
        if known is None or known.until < now:
            found = await self.call(db.find_session, cookie, time.time())
            if found and needs_touch(found, time.time()):
                self._touch(found.id)
            known = self._sessions[cookie] = _Known(found, now + SESSION_SECONDS)
            if len(self._sessions) > 10_000:
                self._sessions = {c: k for c, k in self._sessions.items() if k.until >= now}
        return known.session

    def _touch(self, session_id: int) -> None:
        """In the background: nobody who may read is kept waiting for a database that he may not
        write now.
        """
        if session_id in self._touches:
            return
        note = self._noted(db.touch_session, session_id, time.time())
        task = self._touches[session_id] = asyncio.create_task(note)
        task.add_done_callback(lambda _: self._touched(session_id))

    def _touched(self, session_id: int) -> None:
        task = self._touches.pop(session_id)
        if not task.cancelled() and task.exception():
            log.warning("a session's last use could not be noted")

    def forget_sessions(self) -> None:
        """The next request of everybody asks the database again."""
        self._sessions.clear()

    async def bind_egress(self, account_id: int, egress_id: int) -> None:
        """The account leaves by this egress from now on. Raises OSError when not written."""
        await self._noted(db.bind_egress, account_id, egress_id)

    async def cool_egress(self, egress_id: int, until: float, failures: int, error: str) -> None:
        """The egress rests until then (0: it is well). Raises OSError when not written."""
        await self._noted(db.cool_egress, egress_id, until, failures, error)

    async def _noted[**P](
        self, function: Callable[P, None], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        try:
            await self.call(function, *args, **kwargs)
        except (StorageBusyError, db.StorageError) as error:
            raise OSError(type(error).__name__) from error

    async def _poll(self) -> None:
        try:
            if await self.call(db.revision) != self.snapshot.revision:
                self.forget_sessions()
                await self.refresh()
        except (StorageBusyError, db.StorageError) as error:
            log.warning("the database cannot be read now: %s", type(error).__name__)


def _hear_out(late: asyncio.Future[Any]) -> None:
    """How it ended in the end is told to nobody; unheard, asyncio would log a traceback of it."""
    if not late.cancelled():
        late.exception()


def _read_snapshot() -> Snapshot:
    revision = db.revision()
    return Snapshot(
        revision=revision,
        accounts={account.id: account for account in db.load_accounts()},
        egresses={egress.id: egress for egress in db.load_egresses()},
        people=db.load_people(),
        allowed=db.load_allowed_routes(),
    )
