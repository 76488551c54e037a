"""Feeds a stage in pieces: what every test of a stage needs."""

from collections.abc import Callable, Iterable
from itertools import pairwise

from hypothesis import strategies as st

from core.rewriting import StreamRewriter


def run(stage: StreamRewriter, pieces: Iterable[bytes]) -> bytes:
    return b"".join([stage.feed(piece) for piece in pieces]) + stage.flush()


def cut(data: bytes, *places: int) -> list[bytes]:
    ends = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(ends)]


def same_at_every_cut(make: Callable[[], StreamRewriter], data: bytes) -> bytes:
    """The one-shot result, after checking that all single and double cuts give the same."""
    whole = run(make(), [data])
    assert run(make(), [bytes([byte]) for byte in data]) == whole
    for first in range(len(data) + 1):
        assert run(make(), cut(data, first)) == whole, first
    if len(data) <= 48:
        for first in range(len(data)):
            for second in range(first, len(data)):
                assert run(make(), cut(data, first, second)) == whole, (first, second)
    return whole


def cuts() -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, 400), max_size=8)
