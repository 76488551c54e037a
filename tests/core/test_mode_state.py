from core.mode_state import ALL_MODES, ModeState
from core.quota import Source


def test_of_an_account_nobody_has_spoken_about_nothing_is_known():
    state = ModeState(account_id=7)
    assert state.mode == ALL_MODES
    assert state.quota.source is Source.UNKNOWN
    assert not state.rest.is_on_probation
