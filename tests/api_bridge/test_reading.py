"""Who reads, who stops, and who closes."""

import threading
from contextlib import ExitStack

import pytest

from api_bridge.background import OverError
from api_bridge.events import Text
from api_bridge.reading import Reading


class Pieces(Reading):
    """Reads what it was given; `waits` makes a read last until it is set."""

    def __init__(self, *pieces, waits=None):
        held = ExitStack()
        super().__init__(held)
        self.pieces, self.waits, self.reads = list(pieces), waits, threading.Event()
        self.closed_by = []
        held.callback(lambda: self.closed_by.append(threading.current_thread()))

    def _read(self, seconds):
        self.reads.set()
        if self.waits:
            self.waits.wait(5)
        piece = self.pieces.pop(0)
        if isinstance(piece, Exception):
            raise piece
        self._has_ended = not self.pieces
        return [[Text(piece)]]


def test_the_last_piece_closes_and_behind_it_there_is_nothing():
    reading = Pieces("a", "b")
    assert reading.take(1) == [[Text("a")]]
    assert not reading.closed_by
    assert reading.take(1) == [[Text("b")]]
    assert len(reading.closed_by) == 1
    with pytest.raises(OverError):
        reading.take(1)
    reading.stop()
    assert len(reading.closed_by) == 1


def test_to_stop_closes_once():
    reading = Pieces("a", "b")
    reading.stop()
    reading.stop()
    assert len(reading.closed_by) == 1
    with pytest.raises(OverError):
        reading.take(1)


@pytest.mark.parametrize(
    ("piece", "raised"),
    [
        pytest.param("a", OverError, id="while it waits"),
        pytest.param(LookupError("cut"), LookupError, id="though the reading breaks"),
    ],
)
def test_stopped_by_another_it_is_closed_by_its_reader(piece, raised):
    woken, ends = threading.Event(), []
    reading = Pieces(piece, "b", waits=woken)

    def read():
        with pytest.raises(raised):
            reading.take(5)
        ends.append(threading.current_thread())

    reader = threading.Thread(target=read)
    reader.start()
    reading.reads.wait(5)
    reading.stop()
    assert not reading.closed_by
    woken.set()
    reader.join(5)
    assert reading.closed_by == ends == [reader]


def test_what_breaks_the_reading_leaves_it_to_be_stopped():
    reading = Pieces(LookupError("lost"), "b")
    with pytest.raises(LookupError):
        reading.take(1)
    reading.stop()
    assert len(reading.closed_by) == 1
