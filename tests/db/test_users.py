import pytest

import db
from core.api_key import KeyRules
from core.mirror_session import IDLE_SECONDS, LIFE_SECONDS
from core.settings import Settings
from core.sso_token import parse_pasted
from core.user import UserRules
from core.user_name import UserNameError

NOW = 1_000_000.0


def test_spellings_of_one_name_are_one_user(opened: Settings) -> None:
    alice = db.add_user("Alice")
    assert alice.display_name == "Alice"
    assert db.ensure_user(" ＡLICE ").id == alice.id
    with pytest.raises(db.UserExistsError):
        db.add_user("alice")
    with pytest.raises(UserNameError):
        db.ensure_user("a b")


def test_a_password_is_checked(opened: Settings) -> None:
    db.add_user("alice", "right password")
    db.add_user("linkonly")
    assert db.check_password("alice", "right password", NOW) is not None
    for name, password in [
        ("alice", "wrong"),
        ("alice", ""),
        ("alice", "x" * 100_000),
        ("nobody", "right password"),
        ("linkonly", ""),
        ("linkonly", "a password nobody has"),
        ("", "a password nobody has"),
    ]:
        assert db.check_password(name, password, NOW) is None


def test_who_is_shut_out_or_over_cannot_sign_in(opened: Settings) -> None:
    alice = db.add_user("alice", "pw", expires_at=NOW)
    assert db.check_password("alice", "pw", NOW) is None
    assert db.check_password("alice", "pw", NOW - 1) is not None
    db.set_user_enabled(alice.id, enabled=False)
    assert db.check_password("alice", "pw", NOW - 1) is None


def test_a_session_lives_and_dies(opened: Settings) -> None:
    alice = db.ensure_user("alice")
    cookie = db.start_session(alice.id, NOW, "Chrome")
    found = db.find_session(cookie, NOW)
    assert found is not None
    assert (found.user_id, found.user_name, found.user_agent) == (alice.id, "alice", "Chrome")
    assert db.load_session(found.id, NOW) == found
    assert db.find_session(cookie + "x", NOW) is None
    assert db.find_session("", NOW) is None
    assert db.find_session("\udcff", NOW) is None
    assert db.find_session(cookie, NOW + IDLE_SECONDS + 1) is None
    db.touch_session(found.id, NOW + IDLE_SECONDS)
    assert db.find_session(cookie, NOW + IDLE_SECONDS + 1) is not None
    db.touch_session(found.id, NOW + LIFE_SECONDS - 1)
    assert db.find_session(cookie, NOW + LIFE_SECONDS) is None


def test_a_session_ends_when_its_user_is_shut_out_or_over(opened: Settings) -> None:
    alice = db.add_user("alice", expires_at=NOW + 10)
    cookie = db.start_session(alice.id, NOW)
    assert db.find_session(cookie, NOW + 10) is None
    assert db.find_session(cookie, NOW) is not None
    db.set_user_enabled(alice.id, enabled=False)
    assert db.find_session(cookie, NOW) is None
    db.set_user_enabled(alice.id, enabled=True)
    assert db.find_session(cookie, NOW) is None


def test_nobody_ends_the_session_of_another(opened: Settings) -> None:
    alice, bob = db.ensure_user("alice"), db.ensure_user("bob")
    cookie = db.start_session(alice.id, NOW)
    session = db.sessions_of(alice.id, NOW)[0]
    assert not db.end_session(session.id, bob.id)
    assert db.find_session(cookie, NOW) is not None
    assert db.end_session(session.id, alice.id)
    assert db.find_session(cookie, NOW) is None


def test_a_new_password_ends_all_sessions(opened: Settings) -> None:
    alice = db.ensure_user("alice")
    cookies = [db.start_session(alice.id, NOW) for _ in range(3)]
    assert len(set(cookies)) == 3
    db.set_password(alice.id, "new")
    assert [db.find_session(cookie, NOW) for cookie in cookies] == [None] * 3


def test_a_link_works_once_and_for_its_time(opened: Settings) -> None:
    alice = db.ensure_user("alice")
    token = db.make_link(alice.id, NOW, 60)
    assert db.find_link(token, NOW) == alice
    assert db.use_link(token, NOW + 60) is None
    assert db.use_link(token, NOW + 59) == alice
    assert db.use_link(token, NOW + 59) is None
    assert db.find_link(token, NOW) is None
    late = db.make_link(alice.id, NOW, 60)
    db.set_user_enabled(alice.id, enabled=False)
    assert db.use_link(late, NOW) is None


def test_a_choice_is_told_from_an_assignment(opened: Settings) -> None:
    alice = db.ensure_user("alice")
    db.assign_account(alice.id, 5)
    assert db.load_users()[0].account_chosen is False
    db.assign_account(alice.id, 6, chosen=True)
    assert db.load_users()[0].account_chosen is True
    assert db.count_users_by_account() == {6: 1}
    db.assign_account(alice.id, None)
    assert db.load_users()[0].account_id is None


def test_the_admin_password_is_made_once(opened: Settings) -> None:
    password = db.ensure_admin_password(opened)
    assert password is not None
    assert len(password) >= 22
    assert db.ensure_admin_password(opened) is None
    assert db.is_admin_password(opened, password)
    for wrong in ("", "None", password + "x", "ü", "\udcff"):
        assert not db.is_admin_password(opened, wrong)
    renewed = db.renew_admin_password()
    assert not db.is_admin_password(opened, password)
    assert db.is_admin_password(opened, renewed)


def test_the_environments_admin_password_wins(opened: Settings) -> None:
    made = db.ensure_admin_password(opened)
    assert made is not None
    from_env = Settings(data_dir=opened.data_dir, admin_password="aus der Umgebung ü")
    assert db.ensure_admin_password(from_env) is None
    assert db.is_admin_password(from_env, "aus der Umgebung ü")
    assert not db.is_admin_password(from_env, made)


def test_wrong_passwords_are_counted_for_all_processes(opened: Settings) -> None:
    for _ in range(5):
        assert db.login_wait("203.0.113.9", NOW) == 0
        db.login_failed("203.0.113.9", NOW)
    assert db.login_wait("203.0.113.9", NOW) == 30
    assert db.login_wait("203.0.113.8", NOW) == 0
    db.login_succeeded("203.0.113.9")
    assert db.login_wait("203.0.113.9", NOW) == 0


def test_many_peers_together_are_slowed_but_not_loopback(opened: Settings) -> None:
    for number in range(30):
        db.login_failed(f"203.0.113.{number}", NOW)
    assert db.login_wait("198.51.100.1", NOW) == 30
    assert db.login_wait("127.0.0.1", NOW) == 0


def test_what_a_user_may_have_is_kept(opened: Settings) -> None:
    pool = db.add_pool("a")
    rules = UserRules(
        modes=("fast", "auto"), day_limit=5, month_limit=50, pools=frozenset({pool.id})
    )
    made = db.add_user("alice", note="new", rules=rules, expires_at=NOW)
    assert (made.note, made.rules, made.expires_at) == ("new", rules, NOW)
    before = db.revision()
    db.change_user(made.id, note="old", expires_at=None, rules=UserRules())
    assert db.revision() != before
    assert db.load_users() == [db.load_user(made.id)]
    assert db.load_user(made.id).rules == UserRules()


def test_a_link_works_as_often_as_was_said(opened: Settings) -> None:
    alice = db.ensure_user("alice")
    token = db.make_link(alice.id, NOW, 60, uses=2)
    assert db.use_link(token, NOW) == alice
    assert db.find_link(token, NOW) == alice
    assert db.use_link(token, NOW) == alice
    assert db.use_link(token, NOW) is None
    assert db.find_link(token, NOW) is None


def test_a_new_password_kills_the_links_made_before(opened: Settings) -> None:
    alice = db.ensure_user("alice")
    token = db.make_link(alice.id, NOW, 60, uses=9)
    db.set_password(alice.id, "a new password")
    assert db.use_link(token, NOW) is None


def test_deleting_a_user_takes_what_hangs_on_him_and_tells_first(opened: Settings) -> None:
    alice, bob = db.ensure_user("alice"), db.ensure_user("bob")
    pasted = parse_pasted("eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiYSJ9.c2lnbmF0dXJlsecret0001")
    account = db.add_account(pasted, name="hers", private_to=alice.id).id
    db.record_ownership([db.Owned(account, "conversation", "c1", f"user:{alice.id}")])
    key, _ = db.add_api_key("hers", KeyRules(), NOW, user_id=alice.id)
    db.record_ownership([db.Owned(account, "conversation", "c2", f"key:{key.id}")])
    cookie = db.start_session(alice.id, NOW)
    db.add_web_questions({(alice.id, "2026-11-26"): 3}, NOW)
    traces = db.user_traces(alice.id)
    assert (traces.sessions, traces.objects, traces.private_accounts) == (1, 2, ("hers",))
    assert db.delete_user(alice.id)
    assert not db.delete_user(alice.id)
    assert db.find_session(cookie, NOW) is None
    assert db.find_owned("conversation", "c1") is None
    assert db.find_owned("conversation", "c2") is None
    left = db.load_account(account)
    assert (left.enabled, left.private_to) == (False, None), "nobody else gets what was hers"
    assert db.user_days(alice.id) == []
    assert [user.name for user in db.load_users()] == [bob.name]
