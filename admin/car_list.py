"""The cars a user may choose among, by his pools and what is reserved for him."""

import time
from collections.abc import Mapping

import db
from core.car import Car, cars_for
from core.car_choice import Rider
from core.pools import reach_of
from core.user import User


def cars_of(user: User, riders: Mapping[int, int] | None = None) -> list[Car]:
    """In the operator's order; `riders` counts who is on each."""
    return cars_for(rider(user), db.load_accounts(), riders or {}, time.time())


def rider(user: User) -> Rider:
    """The user as the pool sees him."""
    pools = user.rules.pools
    members = db.pool_members() if pools else {}
    return Rider(user.id, user.account_id, reach_of([pools], members))
