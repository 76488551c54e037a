"""A blocking iterator beside its reader."""

import threading
import time
from itertools import islice

import pytest

from api_bridge.background import MOST_WAITING, Background, OverError


def items_of(background):
    while True:
        try:
            yield from background.take(5)
        except OverError:
            return


def generated(items, rest=None, gate=None):
    """A function for `Background`, of these items, once the gate is open, and of what is left after
    them."""

    def run():
        if gate:
            gate.wait(5)
        yield from items
        return rest

    return run


class Rest:
    """A source that its reader waits at himself."""

    def __init__(self, *takes):
        self.takes, self.stopped = list(takes), threading.Event()
        self.readers = []

    def take(self, seconds):
        self.seconds = seconds
        self.readers.append(threading.current_thread())
        if not self.takes:
            raise OverError
        return self.takes.pop(0)

    def stop(self):
        self.stopped.set()


def all_of(background):
    return list(items_of(background))


def test_items_come_in_order_and_then_the_end():
    assert all_of(Background(generated(range(200)))) == list(range(200))


def test_nothing_in_time_is_nothing():
    gate = threading.Event()
    background = Background(generated([1], gate=gate))
    assert background.take(0.02) == []
    assert background.take(0) == []
    gate.set()
    assert background.take(5) == [1]


def test_an_error_reaches_the_reader_after_what_came_before():
    def broken():
        yield 1
        raise LookupError("lost")

    background = Background(broken)
    assert background.take(5) == [1]
    with pytest.raises(LookupError, match="lost"):
        background.take(5)


def test_it_does_not_run_far_ahead_of_its_reader():
    made = []

    def many():
        for number in range(10 * MOST_WAITING):
            made.append(number)
            yield number

    background = Background(many)
    time.sleep(0.1)
    assert len(made) <= MOST_WAITING + 1
    assert len(all_of(background)) == 10 * MOST_WAITING


def test_stopping_wakes_the_reader_and_ends_the_iterator():
    ended = threading.Event()
    started = threading.Event()

    def endless():
        try:
            while True:
                started.set()
                yield 1
        finally:
            ended.set()

    background = Background(endless)
    started.wait(5)
    waiter = threading.Timer(0.05, background.stop)
    waiter.start()
    assert set(items_of(background)) <= {1}
    assert ended.wait(5)


def test_what_is_left_is_read_by_the_reader_himself():
    rest = Rest([3], [], [4, 5])
    assert all_of(Background(generated([1, 2], rest))) == [1, 2, 3, 4, 5]
    assert set(rest.readers) == {threading.current_thread()}
    assert not rest.stopped.is_set()


def test_what_is_left_takes_over_once_all_before_it_was_taken():
    rest = Rest([3])
    background = Background(generated([1, 2], rest))
    assert list(islice(items_of(background), 2)) == [1, 2]
    while background.heir() is background:
        time.sleep(0.001)
    assert background.heir() is rest
    assert not rest.readers


def test_what_was_stopped_has_no_heir():
    rest = Rest([3])
    background = Background(generated([], rest))
    background.stop()
    assert background.heir() is background


def test_what_is_left_is_stopped_with_the_rest():
    rest = Rest([3], [4])
    background = Background(generated([1], rest))
    assert background.take(5) == [1]
    assert background.take(5) == [3]
    background.stop()
    assert rest.stopped.is_set()


def test_what_is_left_when_nobody_wants_it_is_stopped():
    gate, rest = threading.Event(), Rest([3])
    background = Background(generated([], rest, gate))
    background.stop()
    gate.set()
    assert rest.stopped.wait(5)
    with pytest.raises(OverError):
        background.take(5)
    assert not rest.readers


def test_the_rest_is_waited_for_no_longer_than_is_left():
    gate, rest = threading.Event(), Rest([3])
    background = Background(generated([], rest, gate))
    threading.Timer(0.2, gate.set).start()
    assert background.take(5) == [3]
    assert rest.seconds < 4.9
