"""Quota bars: how full, how sure, until when; and what ends a rest by mode."""

import time
from typing import Any

import pytest

import db
from admin.quota_lines import QuotaLine, all_quota_lines, quota_lines
from core.mode_state import ModeState
from core.quota import Quota, Source
from core.rests import Rest
from tests.admin.test_account_pages import Desk

NOW = 1_000.0


def state(mode: str = "fast", account_id: int = 1, rest: Rest | None = None, **quota: Any) -> Any:
    known = Quota(**{"source": Source.MEASURED, "learned_at": NOW - 60, **quota})
    return ModeState(
        account_id=account_id, mode=mode, quota=known, rest=rest or Rest(), changed_at=NOW
    )


@pytest.mark.parametrize(
    ("found", "tone", "percent"),
    [
        (state(remaining=30, total=40), "ok", 75),
        (state(remaining=4, total=40), "warn", 10),
        (state(remaining=0, total=40, reset_at=NOW + 60), "bad", 0),
        (state(remaining=0, total=40, reset_at=NOW - 60), "ok", 100),
        (state(), "off", 0),
        (state(rest=Rest(NOW + 9, 1, "capacity")), "warn", 0),
        (state(remaining=30, total=40, rest=Rest(NOW + 9, 1, "capacity")), "warn", 75),
    ],
)
def test_a_bar_is_as_full_as_the_quota(found: ModeState, tone: str, percent: int) -> None:
    line = QuotaLine.of(found, NOW)
    assert (line.tone, line.percent) == (tone, percent)


def test_what_nobody_has_said_is_unknown() -> None:
    line = QuotaLine.of(state(source=Source.ESTIMATED), NOW)
    assert (line.left, line.source, line.resets_in) == (None, Source.UNKNOWN, None)


def test_modes_come_in_the_order_of_the_menu_and_the_account_itself_is_none() -> None:
    states = [state("zeta"), state("heavy"), state(""), state("auto")]
    assert [line.mode for line in quota_lines(states, NOW)] == ["auto", "heavy", "zeta"]
    everything = all_quota_lines(states, 1, NOW)
    assert [line.mode for line in everything] == ["auto", "fast", "expert", "heavy", "zeta"]


@pytest.fixture
def desk(operator: Any) -> Desk:
    return Desk(operator)


def test_both_pages_show_bars_and_how_they_are_known(desk: Desk, add_car: Any) -> None:
    number, now = add_car(), time.time()
    left = state("fast", number, remaining=7, total=20, reset_at=now + 5400.5, learned_at=now - 130)
    resting = state("heavy", number, rest=Rest(now + 600, 1, "tier_too_low"), source=Source.UNKNOWN)
    db.save_mode_states([left, resting])
    listed = desk.get("/admin/accounts").text
    assert "7/20" in listed
    assert "new in 1 h 30 min" in listed
    assert 'title="measured · 2 min ago"' in listed
    page = desk.get(f"/admin/accounts/{number}").text
    assert "measured · 2 min ago" in page
    assert "not in this account&#39;s plan" in page
    assert page.count('class="bar off"') == 2, "auto and expert were never asked for"
    assert " style=" not in page + listed


def test_ending_a_cooling_ends_it_in_every_mode(desk: Desk, add_car: Any) -> None:
    number, now = add_car(), time.time()
    resting = Rest(now + 600, 2, "rate_limited")
    told = state("fast", number, resting, remaining=0, source=Source.ESTIMATED, reset_at=now + 600)
    metered = state("auto", number, remaining=0, total=20, reset_at=now + 600)
    db.save_mode_states([told, metered])
    desk.act("clear_cooling", number)
    by_mode = {found.mode: found for found in db.load_mode_states()}
    assert by_mode["fast"].rest == Rest()
    assert by_mode["fast"].quota.left(now) is None
    assert by_mode["fast"].changed_at >= now, "the proxies must notice"
    assert by_mode["auto"].quota.left(now) == 0, "what Grok's meter says stays"
