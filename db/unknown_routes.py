"""Requests without a row in the route table, counted for the operator, and those he has allowed."""

from collections.abc import Mapping
from dataclasses import dataclass

from peewee import EXCLUDED

from core.unknown_routes import UnknownRoute
from db.connection import call, changing, writing
from db.tables import UnknownRouteRow

MOST_KEPT = 500
"""Shapes: a scanner must not fill the database."""


@dataclass(frozen=True, slots=True)
class CountedRoute:
    """One shape, how often it was asked for and when last."""

    id: int
    route: UnknownRoute
    count: int
    last_seen_at: float
    allowed: bool


@call
def count_unknown_routes(counts: Mapping[UnknownRoute, int], now: float) -> None:
    """Add what one process has seen since it last told."""
    with writing():
        room = MOST_KEPT - UnknownRouteRow.select().count()
        for route, count in counts.items():
            if room <= 0 and not UnknownRouteRow.select().where(_is(route)).exists():
                continue
            row = {"method": route.method, "host": route.host, "path": route.path}
            UnknownRouteRow.insert(**row, count=count, last_seen_at=now, allowed=False).on_conflict(
                conflict_target=[
                    UnknownRouteRow.method,
                    UnknownRouteRow.host,
                    UnknownRouteRow.path,
                ],
                update={
                    UnknownRouteRow.count: UnknownRouteRow.count + EXCLUDED.count,
                    UnknownRouteRow.last_seen_at: now,
                },
            ).execute()
            room -= 1


@call
def load_unknown_routes() -> list[CountedRoute]:
    """All, those that are asked for most first."""
    rows = UnknownRouteRow.select().order_by(UnknownRouteRow.count.desc(), UnknownRouteRow.id)
    return [
        CountedRoute(row.id, _value(row), row.count, row.last_seen_at, row.allowed) for row in rows
    ]


@call
def load_allowed_routes() -> frozenset[UnknownRoute]:
    """Those that may pass."""
    return frozenset(map(_value, UnknownRouteRow.select().where(UnknownRouteRow.allowed)))


@call
def allow_unknown_route(route_id: int, *, allowed: bool) -> UnknownRoute | None:
    """Let a shape pass from now on, or no more; None when it is not on the list."""
    with changing():
        UnknownRouteRow.update(allowed=allowed).where(UnknownRouteRow.id == route_id).execute()
        row = UnknownRouteRow.get_or_none(UnknownRouteRow.id == route_id)
        return None if row is None else _value(row)


@call
def forget_unknown_routes() -> int:
    """Empty the list but for what is allowed."""
    with changing():
        return int(UnknownRouteRow.delete().where(~UnknownRouteRow.allowed).execute())


def _is(route: UnknownRoute) -> object:
    return (
        (UnknownRouteRow.method == route.method)
        & (UnknownRouteRow.host == route.host)
        & (UnknownRouteRow.path == route.path)
    )


def _value(row: UnknownRouteRow) -> UnknownRoute:
    return UnknownRoute(str(row.method), str(row.host), str(row.path))
