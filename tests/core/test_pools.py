import pytest

from core.pools import EVERYTHING, PoolNameError, pool_name, reach_of

MEMBERS = {1: frozenset({10, 11}), 2: frozenset({11, 12})}


def test_who_is_tied_to_nothing_reaches_everything() -> None:
    assert reach_of([], MEMBERS) is EVERYTHING
    assert reach_of([frozenset(), frozenset()], MEMBERS) is EVERYTHING
    assert EVERYTHING.holds(99)


def test_several_pools_are_all_of_their_accounts() -> None:
    reach = reach_of([frozenset({1, 2})], MEMBERS)
    assert reach.ids == {10, 11, 12}
    assert not reach.holds(13)


def test_a_key_of_a_user_reaches_what_both_allow() -> None:
    assert reach_of([frozenset({1}), frozenset({2})], MEMBERS).ids == {11}


def test_an_empty_pool_and_one_that_is_gone_reach_nobody() -> None:
    assert reach_of([frozenset({3})], MEMBERS).ids == frozenset()


def test_the_same_reach_has_the_same_key() -> None:
    one = reach_of([frozenset({2, 1}), frozenset({1})], MEMBERS)
    other = reach_of([frozenset({1}), frozenset(), frozenset({1, 2})], MEMBERS)
    assert one.key == other.key
    assert reach_of([frozenset({1})], MEMBERS).key != one.key


@pytest.mark.parametrize("name", ["", " ", "a,b", "x" * 41, "a\x00"])
def test_names_that_cannot_be_typed_are_refused(name: str) -> None:
    with pytest.raises(PoolNameError):
        pool_name(name)


def test_a_name_is_tidied() -> None:
    assert pool_name("  VIP   cars ") == "VIP cars"
