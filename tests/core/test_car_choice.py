import pytest

from core.account import Account, AccountStatus, Traffic
from core.bridge_call import BridgeCall
from core.car_choice import Rider, choose_account, named_account, why_left
from core.pools import EVERYTHING, Reach

NOW = 1000.0


def account(account_id, **more):
    return Account(id=account_id, name=str(account_id), sso_token="t", **more)


def rider(account_id, reach=EVERYTHING):
    return Rider(7, account_id, reach)


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
    chosen = choose_account(rider(1), pool(current, account(2)), {}, NOW)
    assert chosen.id == expected


@pytest.mark.parametrize(
    ("current", "why"),
    [
        (None, "gone"),
        (account(1, enabled=False), "disabled"),
        (account(1, status=AccountStatus.BLOCKED), "blocked"),
        (account(1, private_to=99), "private"),
        (account(1, draining=True), "unknown"),
    ],
)
def test_it_can_be_told_why_a_car_was_left(current, why):
    assert why_left(rider(1), {1: current} if current else {}) == why
    assert why_left(rider(None), {}) == ""


def test_a_new_user_gets_the_emptiest_car():
    cars = pool(account(1), account(2), account(3, cooling_until=NOW + 9))
    assert choose_account(rider(None), cars, {1: 2, 2: 1}, NOW).id == 2


def test_there_may_be_none():
    assert choose_account(rider(None), pool(account(1, enabled=False)), {}, NOW) is None
    assert named_account(BridgeCall("env"), {}, EVERYTHING) is None


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param(BridgeCall("env"), None, id="it names none"),
        pytest.param(BridgeCall("env", 3), 3, id="the conversation's own, however busy"),
        pytest.param(BridgeCall("env", 5), 5, id="even while it cools: it says how long"),
        pytest.param(BridgeCall("env", 6), None, id="a dead one is not lent"),
        pytest.param(BridgeCall("env", 9), None, id="nor one that is gone"),
        pytest.param(BridgeCall("env", 3, frozenset({3})), None, id="nor one that just failed"),
        pytest.param(BridgeCall("sso", sso_token="a" * 20), 0, id="the caller's own token"),
    ],
)
def test_a_call_may_name_its_account(call, expected):
    accounts = pool(
        account(1, last_used_at=9.0),
        account(2, last_used_at=3.0),
        account(3, last_used_at=1.0),
        account(4, private_to=1),
        account(5, cooling_until=NOW + 9),
        account(6, status=AccountStatus.BLOCKED),
    )
    chosen = named_account(call, accounts, EVERYTHING)
    assert (chosen.id if chosen else None) == expected


@pytest.mark.parametrize(
    ("cars", "expected"),
    [
        pytest.param([account(1, draining=True), account(2)], 2, id="not a draining one"),
        pytest.param([account(1, traffic=Traffic.API), account(2)], 2, id="not one for the API"),
        pytest.param([account(1, traffic=Traffic.RESERVE), account(2)], 2, id="a reserve last"),
        pytest.param([account(1, traffic=Traffic.RESERVE)], 1, id="but rather than none"),
        pytest.param([account(1, traffic=Traffic.WEB)], 1, id="one for the web"),
    ],
)
def test_a_new_user_is_given_a_car_that_is_meant_for_him(cars, expected):
    assert choose_account(rider(None), pool(*cars), {}, NOW).id == expected


def test_a_user_is_given_cars_of_his_pools_and_moved_when_they_change():
    cars = pool(account(1), account(2), account(3))
    only_two = Reach("2", frozenset({2}))
    assert choose_account(rider(None, only_two), cars, {2: 99}, NOW).id == 2
    assert choose_account(rider(1, only_two), cars, {}, NOW).id == 2
    assert choose_account(rider(1, Reach("-", frozenset())), cars, {}, NOW) is None


def test_a_car_of_his_own_is_his_whatever_his_pools():
    cars = pool(account(1, private_to=7), account(2))
    assert choose_account(rider(1, Reach("2", frozenset({2}))), cars, {}, NOW).id == 1


def test_what_is_asked_for_a_user_reaches_his_own_account_whatever_his_pools():
    own, elsewhere = pool(account(1, private_to=7)), Reach("2", frozenset({2}))
    assert named_account(BridgeCall("user:7", account_id=1), own, elsewhere).id == 1
    for other in ("user:77", "key:7", "env"):
        assert named_account(BridgeCall(other, account_id=1), own, elsewhere) is None


def test_a_conversation_does_not_lead_a_call_out_of_its_pools():
    call = BridgeCall("key:1", account_id=1)
    assert named_account(call, pool(account(1)), Reach("2", frozenset({2}))) is None
    operator = BridgeCall("operator", account_id=1)
    assert named_account(operator, pool(account(1)), Reach("2", frozenset({2}))).id == 1
