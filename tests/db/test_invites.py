"""Invitations: used as often as was said, whoever tries at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

import db
from core.settings import Settings
from core.user import UserRules
from core.user_name import UserNameError

NOW = 1_000_000.0
DAY = 86_400.0


def test_who_comes_by_an_invitation_has_what_was_decided(opened: Settings) -> None:
    pool = db.add_pool("p").id
    rules = UserRules(modes=("fast",), day_limit=5, month_limit=50, pools=frozenset({pool}))
    made, code = db.make_invite(NOW, DAY, 2, note="team", user_seconds=30 * DAY, rules=rules)
    assert db.load_invites() == [made] == [db.find_invite(code, NOW)]
    user = db.join(code, "Alice", "a good password", NOW)
    assert user
    assert (user.rules, user.note, user.expires_at) == (rules, "team", NOW + 30 * DAY)
    assert db.check_password("alice", "a good password", NOW)
    (left,) = db.load_invites()
    assert (left.uses_left, left.used) == (1, 1)


def test_what_goes_wrong_uses_nothing_up(opened: Settings) -> None:
    _, code = db.make_invite(NOW, DAY, 1)
    db.add_user("alice")
    with pytest.raises(db.UserExistsError):
        db.join(code, "ALICE", "a good password", NOW)
    with pytest.raises(UserNameError):
        db.join(code, "a b", "a good password", NOW)
    assert db.find_invite(code, NOW)


def test_it_is_over_by_time_by_uses_and_by_wish(opened: Settings) -> None:
    made, code = db.make_invite(NOW, DAY, 1)
    assert db.join(code, "a", "a good password", NOW + DAY) is None
    assert db.join("wrong", "a", "a good password", NOW) is None
    assert db.join(code, "a", "a good password", NOW)
    assert db.join(code, "b", "a good password", NOW) is None
    assert db.end_invite(made.id)
    assert not db.end_invite(made.id)
    assert db.find_user("a"), "who has come stays"


def test_the_last_use_is_given_once(opened: Settings) -> None:
    _, code = db.make_invite(NOW, DAY, 2)
    with ThreadPoolExecutor(6) as pool:
        came = list(pool.map(lambda n: db.join(code, f"u{n}", "a good password", NOW), range(6)))
    assert sum(user is not None for user in came) == 2
    assert len(db.load_users()) == 2


def test_a_pool_that_newcomers_would_get_is_in_use(opened: Settings) -> None:
    pool = db.add_pool("p").id
    made, _ = db.make_invite(NOW, DAY, 1, rules=UserRules(pools=frozenset({pool})))
    with pytest.raises(db.PoolInUseError) as caught:
        db.delete_pool(pool)
    assert caught.value.uses.invites == 1
    db.end_invite(made.id)
    db.delete_pool(pool)


def test_guests_are_told_apart_and_forgotten_when_they_stay_away(opened: Settings) -> None:
    rules = UserRules(day_limit=3)
    one, other, member = db.add_guest(rules), db.add_guest(rules), db.add_user("alice")
    assert one.name != other.name
    assert one.is_guest
    assert not member.is_guest
    later = one.created_at + 8 * DAY
    cookie = db.start_session(one.id, later - DAY)
    assert db.purge_guests(later - 7 * DAY) == 1
    assert {user.id for user in db.load_users()} == {one.id, member.id}
    assert db.end_guest_sessions() == 1
    assert db.find_session(cookie, later) is None
    assert db.end_guest_sessions() == 0
