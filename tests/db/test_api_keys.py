"""API keys in the database: shown once, counted once, forgotten whole."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import db
from core.api_key import ApiKeyError, KeyRules, Usage, UsedUp, is_api_key, parse_addresses
from core.settings import Settings
from core.user import UserRules

DAY = 86_400.0
NOW = 20_000 * DAY  # 2024-10-04


def test_a_key_is_found_by_its_text_and_comes_back_whole(opened: Settings) -> None:
    pools = frozenset({db.add_pool("b").id})
    rules = KeyRules(
        pools=pools,
        models=("grok-4", "grok-3*"),
        per_minute=1,
        concurrency=2,
        day_limit=3,
        month_limit=4,
        expires_at=NOW + 1,
        networks=parse_addresses(["10.0.0.0/8", "::1"]),
    )
    made, text = db.add_api_key(" my  key ", rules, NOW)
    assert is_api_key(text)
    assert (made.name, made.prefix, made.rules) == ("my key", text[:9], rules)
    assert db.find_api_key(text) == made
    assert db.find_api_key_by_name("my key") == made == db.find_api_key_by_name(str(made.id))
    assert db.load_api_keys() == [made]
    assert db.find_api_key(text[:-1]) is None
    assert db.find_api_key_by_name("other") is None


def test_the_text_is_nowhere_in_the_files(opened: Settings) -> None:
    _, text = db.add_api_key("k", KeyRules(), NOW)
    for file in Path(opened.data_dir).iterdir():
        assert text[9:].encode() not in file.read_bytes()


def test_names_are_taken_once(opened: Settings) -> None:
    db.add_api_key("k", KeyRules(), NOW)
    with pytest.raises(db.ApiKeyExistsError):
        db.add_api_key("k", KeyRules(), NOW)
    with pytest.raises(ApiKeyError):
        db.add_api_key("  ", KeyRules(), NOW)


def test_a_rotated_key_keeps_everything_but_its_text(opened: Settings) -> None:
    made, old = db.add_api_key("k", KeyRules(day_limit=3), NOW)
    db.count_api_call(made, NOW)
    new = db.rotate_api_key(made.id)
    assert db.find_api_key(old) is None
    found = db.find_api_key(new)
    assert found
    assert (found.id, found.rules) == (made.id, made.rules)
    assert db.api_key_usage(made.id, NOW) == Usage(1, 1)


def test_a_key_is_switched_off_and_deleted(opened: Settings) -> None:
    made, text = db.add_api_key("k", KeyRules(), NOW)
    db.count_api_call(made, NOW)
    db.set_api_key_enabled(made.id, enabled=False)
    found = db.find_api_key(text)
    assert found
    assert not found.enabled
    db.delete_api_key(made.id)
    assert db.find_api_key(text) is None
    assert db.api_key_days(made.id) == []


def test_days_and_months_are_counted_apart(opened: Settings) -> None:
    made, _ = db.add_api_key("k", KeyRules(day_limit=2, month_limit=3), NOW)
    told = [db.count_api_call(made, NOW + offset) for offset in (0, 1, 2, DAY, DAY + 1, 40 * DAY)]
    day, month = UsedUp("key", "day", 2), UsedUp("key", "month", 3)
    assert told == [None, None, day, None, month, None]
    assert db.api_key_usage(made.id, NOW + DAY) == Usage(1, 3)
    assert db.api_key_days(made.id) == [("2024-11-13", 1), ("2024-10-05", 1), ("2024-10-04", 2)]


def test_a_call_is_taken_back_on_the_day_it_was_counted(opened: Settings) -> None:
    alice = db.add_user("alice", rules=UserRules(day_limit=2))
    made, _ = db.add_api_key("k", KeyRules(day_limit=2), NOW, user_id=alice.id)
    assert [db.count_api_call(made, NOW, alice) for _ in range(2)] == [None, None]
    db.take_back_api_call(made, NOW, NOW + 15, alice)
    assert db.api_key_usage(made.id, NOW) == Usage(1, 1)
    (told,) = db.user_days_changed(NOW + 14, "2024-10-01")
    assert (told.web, told.api) == (0, 1), "whoever has read of two reads of one"
    assert db.count_api_call(made, NOW, alice) is None
    db.take_back_api_call(made, NOW + DAY, NOW + DAY, alice)
    assert db.api_key_usage(made.id, NOW + DAY) == Usage(0, 2), "nothing was counted that day"


def test_nothing_is_taken_back_from_a_key_that_is_gone(opened: Settings) -> None:
    made, _ = db.add_api_key("k", KeyRules(), NOW)
    db.count_api_call(made, NOW)
    db.delete_api_key(made.id)
    db.take_back_api_call(made, NOW, NOW)
    assert db.api_key_days(made.id) == []


def test_a_restart_forgives_nothing(opened: Settings) -> None:
    made, text = db.add_api_key("k", KeyRules(day_limit=1), NOW)
    assert db.count_api_call(made, NOW) is None
    db.open_database(opened)
    found = db.find_api_key(text)
    assert found
    assert found.last_used_at == NOW
    assert db.count_api_call(found, NOW) == UsedUp("key", "day", 1)


def test_the_last_place_is_given_once(opened: Settings) -> None:
    made, _ = db.add_api_key("k", KeyRules(day_limit=5), NOW)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: db.count_api_call(made, NOW), range(20)))
    assert told.count(None) == 5


def test_calls_of_a_users_keys_count_as_his_with_what_he_asks_himself(opened: Settings) -> None:
    alice = db.add_user("alice", rules=UserRules(day_limit=4))
    first, _ = db.add_api_key("a", KeyRules(day_limit=2), NOW, user_id=alice.id)
    second, _ = db.add_api_key("b", KeyRules(), NOW, user_id=alice.id)
    db.add_web_questions({(alice.id, "2024-10-04"): 1}, NOW)
    assert [db.count_api_call(first, NOW, alice) for _ in range(3)] == [
        None, None, UsedUp("key", "day", 2)
    ]  # fmt: skip
    assert db.count_api_call(second, NOW, alice) is None
    assert db.count_api_call(second, NOW, alice) == UsedUp("user", "day", 4)
    (day,) = db.user_days(alice.id)
    assert (day.web, day.api) == (1, 3)
    assert db.api_key_usage(second.id, NOW) == Usage(1, 1), "what is refused is not counted"


def test_the_last_place_of_a_user_is_given_once_whichever_key_asks(opened: Settings) -> None:
    alice = db.add_user("alice", rules=UserRules(day_limit=5))
    keys = [db.add_api_key(name, KeyRules(), NOW, user_id=alice.id)[0] for name in "ab"]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: db.count_api_call(keys[n % 2], NOW, alice), range(20)))
    assert told.count(None) == 5


def test_a_users_keys_go_with_him(opened: Settings) -> None:
    alice = db.add_user("alice")
    made, text = db.add_api_key("a", KeyRules(), NOW, user_id=alice.id)
    db.count_api_call(made, NOW, alice)
    assert db.user_traces(alice.id).keys == 1
    db.delete_user(alice.id)
    assert db.find_api_key(text) is None


def test_a_pool_that_a_key_is_tied_to_is_in_use(opened: Settings) -> None:
    pool = db.add_pool("p").id
    made, _ = db.add_api_key("a", KeyRules(pools=frozenset({pool})), NOW)
    with pytest.raises(db.PoolInUseError) as caught:
        db.delete_pool(pool)
    assert caught.value.uses.keys == ("a",)
    db.delete_api_key(made.id)
    db.delete_pool(pool)
