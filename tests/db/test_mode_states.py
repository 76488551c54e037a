"""Quota and rests by mode: kept, merged, and gone with their account."""

import db
from core.mode_state import ModeState
from core.quota import Quota, Source
from core.rests import Rest
from core.settings import Settings
from core.sso_token import parse_pasted

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzZXNzaW9uX2lkIjoiYSJ9.c2lnbmF0dXJl0001"


def state(account_id: int, mode: str = "fast", changed_at: float = 5.0) -> ModeState:
    quota = Quota(remaining=3, total=30, window=60.0, reset_at=9.0, source=Source.MEASURED)
    rest = Rest(9.0, 2, "rate_limited")
    return ModeState(
        account_id=account_id, mode=mode, quota=quota, rest=rest, changed_at=changed_at
    )


def test_what_goes_in_comes_out(opened: Settings) -> None:
    account = db.add_account(parse_pasted(TOKEN)).id
    db.save_mode_states([state(account), state(account, "")])
    assert sorted(db.load_mode_states(), key=lambda s: s.mode) == [
        state(account, ""),
        state(account),
    ]


def test_a_later_state_takes_the_place_of_an_earlier_one(opened: Settings) -> None:
    account = db.add_account(parse_pasted(TOKEN)).id
    db.save_mode_states([state(account)])
    db.save_mode_states([state(account, changed_at=6.0)])
    assert db.load_mode_states(since=5.0) == [state(account, changed_at=6.0)]
    assert db.load_mode_states(since=6.0) == []


def test_nothing_is_kept_of_an_account_that_is_gone(opened: Settings) -> None:
    db.save_mode_states([state(99)])
    assert db.load_mode_states() == []
