"""Attempts one after the other, as their reader hears them; the attempts are scripted."""

import threading
import time

import pytest

from api_bridge.events import (
    Failed,
    FailureKind,
    Finished,
    Image,
    Lent,
    Silence,
    Started,
    Text,
    Unknown,
)
from api_bridge.refused import RefusedError
from api_bridge.turn import Plan, Turn
from api_bridge.watch import Patience

K = FailureKind
QUICK = Patience(first_word=0.15, idle=0.4, tell=0.05)


class Script:
    """An attempt that plays its bundles; an exception is raised, an event is waited for.

    One that begins with either has not got through yet.
    """

    def __init__(self, account_id, steps):
        self._account_id, self._steps = account_id, steps

    def bundles(self):
        if not isinstance(self._steps[0], Exception | threading.Event):
            yield [Lent(self._account_id)]
        for step in self._steps:
            if isinstance(step, RefusedError):
                raise RefusedError(step.failed, self._account_id)
            if isinstance(step, Exception):
                raise step
            if isinstance(step, threading.Event):
                step.wait(5)
                continue
            yield step if isinstance(step, list) else [step]


class Stage:
    """A plan made of scripts, which remembers what it was told."""

    def __init__(self, *scripts, tied=False, patience=QUICK, owned=True):
        self.avoided, self.noted = [], []
        self._scripts = [Script(n, steps) for n, steps in enumerate(scripts, start=1)]
        self._owned = owned
        plan = Plan(attempt=self._attempt, note=self._note)
        self.turn = Turn(plan, patience, is_tied=tied)

    def _attempt(self, lifeline, avoid):
        self.avoided.append(set(avoid))
        return self._scripts.pop(0)

    def _note(self, account_id, started):
        self.noted.append((account_id, started.conversation_id))
        return self._owned

    def events(self):
        return [event for event in self.turn if not isinstance(event, Silence)]


DONE = [Text("a"), Finished("r")]
BUSY = Failed(K.CAPACITY, "busy")


def test_an_answer_passes_as_it_comes():
    stage = Stage([Started("c", "r"), *DONE])
    assert stage.events() == [Started("c", "r"), *DONE]
    assert stage.noted == [(1, "c")]


def test_a_failure_before_the_first_word_moves_to_another_account():
    stage = Stage(
        [Started("c-1"), Unknown("x"), BUSY], [RefusedError(BUSY)], [Started("c-3"), *DONE]
    )
    assert stage.events() == [Unknown("x"), Started("c-3"), *DONE]
    assert stage.avoided == [set(), {1}, {1, 2}]
    assert stage.noted == [(3, "c-3")], "the ids of what came to nothing are told to nobody"


def test_after_three_the_most_telling_failure_is_passed_on():
    limited = Failed(K.RATE_LIMITED, "slow down")
    stage = Stage([limited], [BUSY], [Failed(K.BLOCKED, "last")])
    assert stage.events() == [BUSY]


@pytest.mark.parametrize("kind", [K.MODERATED, K.TOO_LONG, K.INVALID, K.BAD_ATTACHMENT])
def test_what_is_about_the_request_is_passed_on_at_once(kind):
    assert Stage([Failed(kind)]).events() == [Failed(kind)]


def test_a_tied_turn_has_one_attempt():
    assert Stage([BUSY], tied=True).events() == [BUSY]


def test_words_are_not_taken_back():
    stage = Stage([Started("c"), Text("a"), BUSY])
    assert stage.events() == [Started("c"), Text("a"), BUSY]


def test_silence_before_the_first_word_moves_on_and_later_ends_the_turn():
    gate = threading.Event()
    stage = Stage([[], gate], DONE)
    assert stage.events() == DONE
    assert stage.avoided == [set(), {1}]
    begun = Stage([Text("a"), gate])
    assert [type(event) for event in begun.events()] == [Text, Failed]
    gate.set()


def test_a_silent_turn_is_shown_to_be_alive():
    gate = threading.Event()
    threading.Timer(0.25, gate.set).start()
    events = list(Stage([gate, *DONE]).turn)
    assert events.count(Silence()) >= 2


class Chatter(Script):
    """Says for a while what no caller gets to see."""

    def bundles(self):
        yield [Lent(self._account_id)]
        for _ in range(15):
            time.sleep(0.02)
            yield [Unknown("x")]
        yield DONE


def test_what_a_caller_does_not_see_is_silence_to_him():
    stage = Stage([])
    stage._scripts = [Chatter(1, [])]
    assert list(stage.turn).count(Silence()) >= 3


def test_an_end_without_an_end_is_a_failure():
    assert Stage([Text("a")]).events()[-1].kind is K.CUT


def test_ids_that_could_not_be_written_down_are_not_told():
    stage = Stage([Started("c"), Text("a"), Finished()], tied=True, owned=False)
    (event,) = stage.events()
    assert event.kind is K.INTERNAL


def test_an_image_tells_whose_it_is():
    image, *_ = Stage([Image("i", "u"), Finished()]).events()
    assert image.account_id == 1


def test_a_mistake_of_ours_is_not_hidden():
    with pytest.raises(LookupError):
        Stage([LookupError("ours")]).events()


def test_closing_from_elsewhere_ends_the_wait():
    gate = threading.Event()
    stage = Stage([Text("a"), gate, Text("b")], patience=Patience())
    threading.Timer(0.1, stage.turn.close).start()
    assert stage.events() == [Text("a")]
    gate.set()
    assert list(stage.turn) == []


def test_throwing_something_in_hangs_up():
    stage = Stage([Text("a"), Text("b")])
    next(stage.turn)
    with pytest.raises(KeyError):
        stage.turn.throw(KeyError("x"))
    assert list(stage.turn) == []
