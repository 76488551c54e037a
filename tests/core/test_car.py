from dataclasses import replace

from core.account import Account, AccountStatus
from core.car import CarState, cars_for, recommended
from core.car_choice import Rider
from core.pools import EVERYTHING, Reach

NOW = 1000.0
SEVEN = Rider(7, None, EVERYTHING)
PLAIN = Account(id=1, name="01", sso_token="t")


def state(**changes: object) -> CarState:
    return cars_for(SEVEN, [replace(PLAIN, **changes)], {}, NOW)[0].state  # type: ignore[arg-type]


def test_each_account_state_has_a_word() -> None:
    assert state() is CarState.FREE
    assert state(last_used_at=NOW - 5) is CarState.BUSY
    assert state(last_used_at=NOW - 500) is CarState.FREE
    assert state(cooling_until=NOW + 1) is CarState.COOLING
    assert state(status=AccountStatus.CHALLENGED) is CarState.CHALLENGED
    assert state(status=AccountStatus.SIGNED_OUT, cooling_until=NOW + 1) is CarState.OUT


def test_switched_off_accounts_and_those_of_others_are_not_shown() -> None:
    accounts = [
        replace(PLAIN, enabled=False),
        replace(PLAIN, id=2, private_to=8),
        replace(PLAIN, id=3, private_to=7),
    ]
    assert [car.id for car in cars_for(SEVEN, accounts, {}, NOW)] == [3]


def test_the_free_car_with_the_fewest_users_is_recommended() -> None:
    accounts = [
        PLAIN,
        replace(PLAIN, id=2),
        replace(PLAIN, id=3, last_used_at=NOW),
        replace(PLAIN, id=4, cooling_until=NOW + 9),
    ]
    best = recommended(cars_for(SEVEN, accounts, {1: 3, 2: 1}, NOW))
    assert best is not None
    assert best.id == 2
    assert recommended(cars_for(SEVEN, accounts[3:], {}, NOW)) is None


def test_only_cars_of_his_pools_and_his_own_are_shown() -> None:
    accounts = [replace(PLAIN, id=number) for number in (1, 2)]
    accounts.append(replace(PLAIN, id=3, private_to=7))
    rider = Rider(7, None, Reach("1", frozenset({2})))
    assert [car.id for car in cars_for(rider, accounts, {}, NOW)] == [2, 3]
