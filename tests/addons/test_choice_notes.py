"""Notes on who got which account, as long as they hold."""

import time

import pytest

from addons import choice_notes
from addons.choice_notes import ChoiceNotes, note_of_car
from core.account import Account
from core.bridge_call import BridgeCall
from core.car_choice import Rider
from core.choice_note import Way
from core.pool_choice import Choice, Strategy
from core.pools import EVERYTHING

CAR = Account(id=7, name="seven", sso_token="")
CHOICE = Choice(CAR, Strategy.PRIORITY, (7, 8))


def rider(account_id, chosen=False):
    return Rider(1, account_id, EVERYTHING, chosen)


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
        (rider(7), Way.KEPT, ""),
        (rider(7, chosen=True), Way.CHOSEN, ""),
        (rider(None), Way.GIVEN, ""),
        (rider(9), Way.GIVEN, "gone"),
    ],
)
def test_what_a_car_is_to_its_rider(had, way, because):
    note = note_of_car(had, CAR, {7: CAR})
    assert (note.way, note.left_because) == (way, because)
