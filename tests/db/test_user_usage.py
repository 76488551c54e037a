"""How often users have asked, by day and door."""

from datetime import UTC, datetime

import db
from core.api_key import Usage
from core.settings import Settings

NOW = datetime(2026, 11, 26, 16, tzinfo=UTC).timestamp()
TODAY, YESTERDAY, LAST_MONTH = "2026-11-26", "2026-11-25", "2026-10-31"


def test_days_and_months_are_summed(opened: Settings) -> None:
    alice = db.ensure_user("alice").id
    db.add_web_questions({(alice, YESTERDAY): 2, (alice, LAST_MONTH): 7}, NOW)
    (day,) = db.add_web_questions({(alice, TODAY): 1}, NOW)
    assert (day.total, day.day) == (1, TODAY)
    (day,) = db.add_web_questions({(alice, TODAY): 2}, NOW + 1)
    assert day.total == 3
    assert db.user_usage(alice, NOW) == Usage(3, 5)
    assert [one.day for one in db.user_days(alice)] == [TODAY, YESTERDAY, LAST_MONTH]
    assert db.questions_today(NOW) == {alice: 3}


def test_only_what_is_new_is_read(opened: Settings) -> None:
    alice, bob = db.ensure_user("alice").id, db.ensure_user("bob").id
    db.add_web_questions({(alice, TODAY): 1, (bob, LAST_MONTH): 1}, NOW)
    db.add_web_questions({(bob, TODAY): 1}, NOW + 5)
    changed = db.user_days_changed(NOW, "2026-11-01")
    assert [(one.user_id, one.day) for one in changed] == [(bob, TODAY)]
    assert len(db.user_days_changed(0.0, "2026-11-01")) == 2


def test_who_is_gone_is_not_counted(opened: Settings) -> None:
    alice = db.ensure_user("alice").id
    db.delete_user(alice)
    assert db.add_web_questions({(alice, TODAY): 1}, NOW) == []
