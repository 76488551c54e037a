"""A user sees an id of his own in the account's place, and Grok never hears of it."""

import uuid

from core.account_alias import AliasStage, alias_for

REAL = "11111111-2222-4333-8444-555555555555"
ALICE, BOB = alias_for(REAL, "user:1"), alias_for(REAL, "user:2")


def test_each_user_has_one_of_his_own_and_always_the_same():
    assert alias_for(REAL, "user:1") == ALICE
    assert ALICE.shown != BOB.shown != REAL.encode()
    assert len(ALICE.shown) == len(REAL)
    assert uuid.UUID(ALICE.shown.decode()).version == 4


def test_there_and_back():
    text = f'{{"key":"users/{REAL}/f/content"}}'.encode()
    assert REAL.encode() not in ALICE.to_page(text)
    assert ALICE.to_upstream(ALICE.to_page(text)) == text


def test_wherever_a_body_is_cut():
    text = f"a {REAL} b {REAL[:20]} c {REAL}{REAL} d 1111".encode()
    for cut in range(len(text) + 1):
        stage = AliasStage(ALICE)
        seen = stage.feed(text[:cut]) + stage.feed(text[cut:]) + stage.flush()
        assert seen == ALICE.to_page(text)
