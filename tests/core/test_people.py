from core.people import KeyTies, People
from core.pools import EVERYTHING
from core.user import UserRules

PEOPLE = People(
    rules={1: UserRules(), 2: UserRules(pools=frozenset({1}))},
    keys={
        1: KeyTies(),
        2: KeyTies(pools=frozenset({2})),
        3: KeyTies(user_id=2, pools=frozenset({2})),
        4: KeyTies(user_id=9),
    },
    members={1: frozenset({10, 11}), 2: frozenset({11, 12})},
)


def reached(caller: str) -> frozenset[int] | str | None:
    found = PEOPLE.reach_of_caller(caller)
    return "nobody" if found is None else found.ids


def test_users_reach_what_their_pools_hold() -> None:
    assert PEOPLE.reach_of_user(1) == EVERYTHING
    assert PEOPLE.reach_of_user(2) == PEOPLE.reach_of_caller("user:2")
    assert PEOPLE.reach_of_user(2).ids == {10, 11}  # type: ignore[union-attr]
    assert PEOPLE.reach_of_user(3) is None


def test_keys_reach_what_they_and_their_users_may() -> None:
    assert reached("key:1") is None
    assert reached("key:2") == {11, 12}
    assert reached("key:3") == {11}


def test_unknown_keys_and_keys_of_unknown_users_reach_nothing() -> None:
    assert reached("key:9") == "nobody"
    assert reached("key:4") == "nobody"


def test_callers_whom_nothing_binds() -> None:
    for caller in ("env", "sso", "operator"):
        assert PEOPLE.reach_of_caller(caller) is EVERYTHING
