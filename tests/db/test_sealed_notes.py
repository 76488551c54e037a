"""Notes that leave the house come back as they were, or not at all."""

import re

import db


def test_a_note_comes_back(opened):
    token = db.seal_note("image", "7 users/ä.jpg")
    assert re.fullmatch(r"[\w=-]+", token, re.ASCII)
    assert db.open_note("image", token) == "7 users/ä.jpg"


def test_a_note_of_another_kind_or_make_does_not_open(opened):
    token = db.seal_note("image", "x")
    assert db.open_note("letter", token) is None
    assert db.open_note("image", token[:-8] + "AAAAAAA=") is None
    assert db.open_note("image", "") is None
    assert db.open_note("image", "é") is None
