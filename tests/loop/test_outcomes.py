"""Refusals and errors on both transports, as they reach the pool's book."""

import time

import aiohttp
import pytest

import db
from core.account import AccountStatus
from core.choice_note import Way, read_note
from core.quota import Source
from tests.loop.test_chat import headers_of, say, signed, ws_url
from tests.loop.test_faults import fresh
from tests.running_mirror import account_once

NEW = "/rest/app-chat/conversations/new"


def ask(mirror, person, text="hello", mode="fast"):
    body = {"message": text, "modeId": mode, "temporary": True}
    return person.http.post(mirror.url + NEW, json=body, headers=signed(mirror))


def state_of(account_id, mode, is_right):
    """The stored state, once it is: the book is written every two seconds."""
    deadline = time.monotonic() + 6
    while time.monotonic() < deadline:
        for state in db.load_mode_states():
            if (state.account_id, state.mode) == (account_id, mode) and is_right(state):
                return state
        time.sleep(0.05)
    raise AssertionError(f"{account_id}/{mode!r} is not so: {db.load_mode_states()}")


def test_retry_after_rests_the_mode_that_was_asked_for(mirror, standin):
    account_id, person = fresh(mirror, standin, "limited-for-long")
    standin.control.refuse("limited-for-long", "429")
    standin.control.switch(retry_after="1234")
    assert ask(mirror, person).status_code == 429
    rest = state_of(account_id, "fast", lambda state: state.rest.until).rest
    assert 1200 < rest.until - time.time() < 1235
    assert db.load_account(account_id).cooling_until == 0
    assert rest.reason == "rate_limited"


def test_a_challenge_marks_the_account_until_it_is_answered(mirror, standin):
    account_id, person = fresh(mirror, standin, "challenged-once")
    standin.control.refuse("challenged-once", "cf")
    assert ask(mirror, person).status_code == 403
    account = db.load_account(account_id)
    assert account.status is AccountStatus.CHALLENGED
    assert account.is_cooling(time.time())
    standin.control.restore("challenged-once")
    assert person.http.get(mirror.url + "/rest/auth/get-user").ok
    account = account_once(account_id, lambda account: account.status is AccountStatus.OK)
    assert not account.is_cooling(time.time())


@pytest.mark.parametrize("mode", ["fast"])
async def test_a_used_up_quota_is_heard_on_the_socket(mirror, standin, mode):
    account_id, person = fresh(mirror, standin, "used-up")
    standin.control.set_quota("used-up", mode, 0)
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(
            ws_url(mirror, standin, "used-up"), headers=headers_of(mirror, person)
        ) as socket,
    ):
        await say(socket, "/plain hello")
    state = state_of(account_id, mode, lambda state: state.rest.until)
    assert state.rest.reason in ("quota_used_up", "rate_limited")
    assert db.load_account(account_id).status is not AccountStatus.SIGNED_OUT


def test_quota_is_learnt_from_what_passes_by(mirror, standin):
    account_id, person = fresh(mirror, standin, "metered")
    standin.control.set_quota("metered", "fast", 5)
    answer = person.http.post(
        mirror.url + "/rest/rate-limits", json={"modelName": "fast"}, headers=signed(mirror)
    )
    assert answer.json()["remainingQueries"] == 5
    quota = state_of(account_id, "fast", lambda state: state.quota.total).quota
    assert (quota.remaining, quota.source) == (5, Source.MEASURED)
    assert ask(mirror, person, "/plain hello").status_code == 200
    quota = state_of(account_id, "fast", lambda state: state.quota.remaining == 4).quota
    assert quota.source is Source.ESTIMATED


def test_a_used_up_quota_is_heard_inside_an_answer(mirror, standin):
    account_id, person = fresh(mirror, standin, "used-up-in-answer")
    ask(mirror, person, "/limit hello")
    state = state_of(account_id, "fast", lambda state: state.rest.until)
    assert (state.rest.reason, state.quota.remaining) == ("quota_used_up", 0)


def test_a_finished_flow_is_on_record_without_a_word_of_it(mirror, standin):
    account_id, person = fresh(mirror, standin, "recorded")
    assert ask(mirror, person, "/plain my-private-words").status_code == 200
    deadline = time.monotonic() + 6
    rows = []
    while not rows and time.monotonic() < deadline:
        time.sleep(0.05)
        found = db.load_records(200)
        rows = [row for row in found if (row.account_id, row.mode) == (account_id, "fast")]
    (row,) = rows
    assert (row.door, row.caller) == ("browser", f"user:{person.user_id}")
    assert (row.outcome, row.status) == ("ok", 200)
    assert 0 < row.first_byte_ms <= row.total_ms
    assert row.bytes_out > 100
    assert "private" not in repr(row)
    assert read_note(row.why).way in (Way.KEPT, Way.CHOSEN), "he rides the car he was given"
    sums = [s for s in db.load_hour_sums(0) if s.caller == row.caller]
    assert sum(s.requests for s in sums) >= 1
