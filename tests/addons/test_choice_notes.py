"""Notes on who got which account, as long as they hold."""

import time

import pytest

from addons import choice_notes
from addons.choice_notes import ChoiceNotes, note_of_car
from core.account import Account
from core.bridge_call import BridgeCall
from core.choice_note import Way
from core.mirror_session import MirrorSession
from core.pool_choice import Choice, Strategy

CAR = Account(id=7, name="seven", sso_token="")
CHOICE = Choice(CAR, Strategy.PRIORITY, (7, 8))


def session(account_id, chosen=False):
    return MirrorSession(
        id=1, user_id=3, user_name="u", display_name="U", account_id=account_id, created_at=0.0,
        last_seen_at=0.0, expires_at=9.0, account_chosen=chosen,
    )  # fmt: skip


def test_further_steps_of_a_question_keep_its_note_and_nobody_elses_do():
    notes = ChoiceNotes()
    made = notes.chosen(BridgeCall("key:1"), CHOICE, time.monotonic())
    assert notes.named(BridgeCall("key:1", 7), time.monotonic()) == made
    for other in (BridgeCall("key:2", 7), BridgeCall("key:1", 8)):
        assert notes.named(other, time.monotonic()).way is Way.CONVERSATION


def test_after_a_while_a_named_account_is_that_of_the_conversation(monkeypatch):
    monkeypatch.setattr(choice_notes, "STEPS_SECONDS", -1.0)
    notes = ChoiceNotes()
    notes.chosen(BridgeCall("key:1"), CHOICE, time.monotonic())
    assert notes.named(BridgeCall("key:1", 7), time.monotonic()).way is Way.CONVERSATION


def test_not_too_many_are_remembered(monkeypatch):
    monkeypatch.setattr(choice_notes, "MOST_REMEMBERED", 2)
    notes = ChoiceNotes()
    for number in (1, 2, 3):
        notes.chosen(BridgeCall(f"key:{number}"), CHOICE, time.monotonic())
    ways = [notes.named(BridgeCall(f"key:{n}", 7), time.monotonic()).way for n in (1, 2, 3)]
    assert ways == [Way.CONVERSATION, Way.POOL, Way.POOL]


def test_who_brings_his_own_account_or_tests_one_is_told_apart():
    notes, now = ChoiceNotes(), time.monotonic()
    assert notes.named(BridgeCall("sso", sso_token="t" * 20), now).way is Way.OWN
    assert notes.named(BridgeCall("operator", 7), now).way is Way.TEST


@pytest.mark.parametrize(
    ("had", "way", "because"),
    [
        (session(7), Way.KEPT, ""),
        (session(7, chosen=True), Way.CHOSEN, ""),
        (session(None), Way.GIVEN, ""),
        (session(9), Way.GIVEN, "gone"),
    ],
)
def test_what_a_car_is_to_its_rider(had, way, because):
    note = note_of_car(had, CAR, {7: CAR})
    assert (note.way, note.left_because) == (way, because)
