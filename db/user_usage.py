"""How often each user has asked, by day of UTC and by door.

Every change carries the moment it was made, so that a proxy reads only what is new to it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from peewee import fn

from core.api_key import Usage, day_of
from db.connection import call, writing
from db.tables import UserRow, UserUsageRow

_MONTH = len("2026-11")
_KEY = (UserUsageRow.user_id, UserUsageRow.day)


class UserDay(NamedTuple):
    """One user's questions on one day."""

    user_id: int
    day: str
    web: int
    api: int
    changed_at: float

    @property
    def total(self) -> int:
        return self.web + self.api


@call
def add_web_questions(counts: Mapping[tuple[int, str], int], now: float) -> list[UserDay]:
    """Add to what users have asked on days; the sums after it. Who is gone is left out."""
    users = {user_id for user_id, _ in counts}
    with writing():
        known = {row.id for row in UserRow.select(UserRow.id).where(UserRow.id.in_(list(users)))}
        wanted = {key: number for key, number in counts.items() if key[0] in known}
        for (user_id, day), number in wanted.items():
            add_questions(user_id, day, now, web=number)
        return [_day(UserUsageRow.get((_KEY[0] == u) & (_KEY[1] == d))) for u, d in wanted]


@call
def user_days_changed(since: float, first_day: str) -> list[UserDay]:
    """What has changed after this moment, of the days from `first_day` on."""
    new = (UserUsageRow.changed_at > since) & (UserUsageRow.day >= first_day)
    return [_day(row) for row in UserUsageRow.select().where(new)]


@call
def user_usage(user_id: int, now: float) -> Usage:
    """How often he has asked today and this month."""
    return usage_of(user_id, now)


@call
def user_days(user_id: int, days: int = 31) -> list[UserDay]:
    """The latest days on which he has asked, newest first."""
    his = UserUsageRow.select().where(UserUsageRow.user_id == user_id)
    return [_day(row) for row in his.order_by(UserUsageRow.day.desc()).limit(days)]


@call
def questions_today(now: float) -> dict[int, int]:
    """How often each user who has asked today has done so."""
    rows: Any = UserUsageRow.select(
        UserUsageRow.user_id, UserUsageRow.web + UserUsageRow.api
    ).where(UserUsageRow.day == day_of(now))
    return dict(rows.tuples())


def usage_of(user_id: int, now: float) -> Usage:
    """Within whatever transaction is open."""
    today = day_of(now)
    rows: Any = UserUsageRow.select(UserUsageRow.day, UserUsageRow.web + UserUsageRow.api).where(
        (UserUsageRow.user_id == user_id)
        & (fn.SUBSTR(UserUsageRow.day, 1, _MONTH) == today[:_MONTH])
    )
    asked = dict(rows.tuples())
    return Usage(asked.get(today, 0), sum(asked.values()))


def add_questions(user_id: int, day: str, now: float, *, web: int = 0, api: int = 0) -> None:
    """Within whatever transaction is open."""
    UserUsageRow.insert(user_id=user_id, day=day, web=web, api=api, changed_at=now).on_conflict(
        conflict_target=_KEY,
        update={
            UserUsageRow.web: UserUsageRow.web + web,
            UserUsageRow.api: UserUsageRow.api + api,
            UserUsageRow.changed_at: now,
        },
    ).execute()


def _day(row: UserUsageRow) -> UserDay:
    return UserDay(row.user_id, row.day, row.web, row.api, row.changed_at)
