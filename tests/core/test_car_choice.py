import pytest

from core.account import Account, AccountStatus
from core.car_choice import any_usable, choose_account

NOW = 1000.0


def account(account_id, **more):
    return Account(id=account_id, name=str(account_id), sso_token="t", **more)


def pool(*accounts):
    return {a.id: a for a in accounts}


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        pytest.param(account(1), 1, id="a car that runs is kept"),
        pytest.param(account(1, cooling_until=NOW + 9), 1, id="a cooling car is kept"),
        pytest.param(account(1, enabled=False), 2, id="a disabled car is left"),
        pytest.param(account(1, status=AccountStatus.SIGNED_OUT), 2, id="a dead car is left"),
        pytest.param(account(1, private_to=99), 2, id="somebody else's car is left"),
    ],
)
def test_a_user_keeps_his_car_while_it_runs(current, expected):
    chosen = choose_account(1, 7, pool(current, account(2)), {}, NOW)
    assert chosen.id == expected


def test_a_new_user_gets_the_emptiest_car():
    cars = pool(account(1), account(2), account(3, cooling_until=NOW + 9))
    assert choose_account(None, 7, cars, {1: 2, 2: 1}, NOW).id == 2


def test_there_may_be_none():
    assert choose_account(None, 7, pool(account(1, enabled=False)), {}, NOW) is None
    assert any_usable([], NOW) is None


def test_callers_without_a_car_get_the_longest_rested_shared_one():
    cars = [account(1, last_used_at=9.0), account(2, last_used_at=3.0), account(3, private_to=1)]
    assert any_usable(cars, NOW).id == 2
