"""Counts what no row of the route table describes; knows what the operator has allowed of it."""

import logging
import time
from collections import Counter

import db
from addons.recurring import Recurring
from addons.store import StorageBusyError, Store
from core.routes import Route, RouteTable
from core.unknown_routes import EVENT, UnknownRoute, allowed_row, unknown_event, unknown_route

log = logging.getLogger(__name__)

SAVE_SECONDS = 2.0
MOST_UNSAVED = 500


class UnknownRoutes:
    """One per proxy process; a step of the chain for its start and stop only."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: Counter[UnknownRoute] = Counter()
        self._saving = Recurring(SAVE_SECONDS, self._save)
        self._allowed_of: frozenset[UnknownRoute] = frozenset()
        self._tables: dict[str, RouteTable] = {}

    def allowed(self, method: str, host: str, path: str) -> Route | None:
        """The row the operator has made for such a request."""
        allowed = self._store.snapshot.allowed
        if allowed is not self._allowed_of:
            self._allowed_of, self._tables = allowed, _tables(allowed)
        table = self._tables.get(host)
        return table.find(method, path) if table else None

    @property
    def allowed_events(self) -> frozenset[str]:
        """What a page may say on the chat socket beside what the file allows."""
        routes = self._store.snapshot.allowed
        return frozenset(route.path for route in routes if route.method == EVENT)

    def count(self, method: str, host: str, path: str) -> None:
        """A request that went nowhere."""
        self._note(unknown_route(method, host, path))

    def count_event(self, name: str) -> None:
        """An event that went nowhere."""
        self._note(unknown_event(name))

    def running(self) -> None:
        self._saving.start()

    async def done(self) -> None:
        self._saving.stop()
        await self._save()

    def _note(self, route: UnknownRoute | None) -> None:
        if route and (route in self._counts or len(self._counts) < MOST_UNSAVED):
            self._counts[route] += 1
            if self._counts[route] == 1:
                log.info("no route for %s %s%s", route.method, route.host, route.path)

    async def _save(self) -> None:
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await self._store.call(db.count_unknown_routes, counts, time.time())
        except (StorageBusyError, db.StorageError) as error:
            log.warning("unknown routes were not counted: %s", type(error).__name__)


def _tables(allowed: frozenset[UnknownRoute]) -> dict[str, RouteTable]:
    routes = sorted(route for route in allowed if route.method != EVENT)
    hosts = {route.host for route in routes}
    return {host: RouteTable([allowed_row(r) for r in routes if r.host == host]) for host in hosts}
