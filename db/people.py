"""Everybody the proxy lends to, read at once."""

from collections import defaultdict
from typing import Any

from core.people import KeyTies, People
from core.user import UserRules
from db.connection import call
from db.pools import pool_members
from db.tables import ApiKeyRow, KeyPoolRow, UserPoolRow, UserRow


@call
def load_people() -> People:
    """Without names, passwords or keys."""
    columns = (UserRow.id, UserRow.modes, UserRow.day_limit, UserRow.month_limit)
    users: Any = UserRow.select(*columns).tuples()
    of_user, of_key = _pools(UserPoolRow), _pools(KeyPoolRow)
    keys: Any = ApiKeyRow.select(ApiKeyRow.id, ApiKeyRow.user_id).tuples()
    return People(
        rules={
            number: UserRules(
                modes=tuple(modes.split()),
                day_limit=day,
                month_limit=month,
                pools=frozenset(of_user.get(number, ())),
            )
            for number, modes, day, month in users
        },
        keys={
            number: KeyTies(user_id, frozenset(of_key.get(number, ()))) for number, user_id in keys
        },
        members=pool_members(),
    )


def _pools(table: Any) -> dict[int, list[int]]:  # noqa: ANN401  a model
    ties: dict[int, list[int]] = defaultdict(list)
    for member_id, pool_id in table.select().tuples():
        ties[member_id].append(pool_id)
    return ties
