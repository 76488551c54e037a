"""Accounts as users see them: cars (车), with a state in one word and no secret at all.

Decides which cars a user may see, how each is doing and which one to recommend.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.account import Account, AccountStatus
from core.car_choice import Rider

IN_USE_SECONDS = 30.0
"""An account that answered this recently counts as busy: somebody is likely still reading."""


class CarState(StrEnum):
    """One word for a card; each has a text in both languages."""

    FREE = "free"
    BUSY = "busy"
    COOLING = "cooling"
    CHALLENGED = "challenged"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """What a card shows."""

    id: int
    name: str
    state: CarState
    users: int
    until: float = 0.0
    """For a cooling car: when it is lent again."""
    is_private: bool = False

    @property
    def can_be_chosen(self) -> bool:
        return self.state is not CarState.OUT


def cars_for(
    rider: Rider, accounts: Iterable[Account], users: Mapping[int, int], now: float
) -> list[Car]:
    """The cars this user may choose among, in the operator's order."""
    return [
        Car(
            id=account.id,
            name=account.name,
            state=_state(account, now),
            users=users.get(account.id, 0),
            until=account.cooling_until if account.is_cooling(now) else 0.0,
            is_private=account.private_to is not None,
        )
        for account in accounts
        if account.enabled and rider.may_ride(account)
    ]


def recommended(cars: Iterable[Car]) -> Car | None:
    """The free car with the fewest users, else the least crowded busy one."""
    good = [car for car in cars if car.state in (CarState.FREE, CarState.BUSY)]
    return min(good, key=lambda car: (car.state is CarState.BUSY, car.users, car.id), default=None)


def _state(account: Account, now: float) -> CarState:
    if account.status in (AccountStatus.SIGNED_OUT, AccountStatus.BLOCKED):
        return CarState.OUT
    if account.is_cooling(now):
        return CarState.COOLING
    if account.status is AccountStatus.CHALLENGED:
        return CarState.CHALLENGED
    used = account.last_used_at
    return CarState.BUSY if used is not None and now - used < IN_USE_SECONDS else CarState.FREE
