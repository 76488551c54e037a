"""A transcript as a first message: bounded, and in the order in which it was said."""

from core.carried_on import LONGEST, transcript_message
from core.conversation import Message


def talk(*texts):
    return [
        Message(
            id=str(number),
            role="assistant" if number % 2 else "user",
            text=text,
            parent=str(number - 1),
        )
        for number, text in enumerate(texts)
    ]


def test_both_sides_are_told_in_order():
    text = transcript_message("Weather", talk("rain?", "no"))
    assert text.endswith("Title: Weather\n\n[user]\nrain?\n\n[assistant]\nno")
    assert "left out" not in text


def test_of_a_long_one_the_newest_go_along():
    text = transcript_message("", talk("first", *["x" * 60_000] * 6, "last"))
    assert len(text) < LONGEST + 1_000
    assert "first" not in text
    assert "[earlier messages are left out]" in text
    assert text.endswith("last")


def test_a_huge_message_is_cut_in_its_middle():
    text = transcript_message("", talk("begin" + "x" * 500_000 + "end"))
    assert "begin" in text
    assert "\n[…]\n" in text
    assert text.endswith("end")


def test_of_nothing_nothing_is_made():
    assert transcript_message("t", []) == ""
