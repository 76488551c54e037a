import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.log_lines import LONGEST_LINE, LineSplitter, LogLines, RepeatLimiter


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
def test_lines_are_the_same_at_any_cut(data, cuts):
    splitter = LineSplitter()
    edges = [0, *sorted(min(c, len(data)) for c in cuts), len(data)]
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    lines = [line for piece in pieces for line in splitter.feed(piece)]
    whole = LineSplitter()
    assert [*lines, *splitter.flush()] == [*whole.feed(data), *whole.flush()]


def test_endless_line_is_cut_and_the_next_one_is_whole():
    splitter = LineSplitter(limit=10)
    assert list(splitter.feed(b"a" * 50)) == []
    assert list(splitter.feed(b"a" * 50 + b"\nnext\n")) == ["a" * 10, "next"]


def test_identical_lines_are_limited_and_counted():
    limiter = RepeatLimiter(limit=3)
    through = [line for _ in range(10) for line in limiter.admit("same", 5.0)]
    assert through == ["same"] * 3
    assert list(limiter.admit("other", 100.0)) == ["same … repeated 7 more times", "other"]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("2026-11-23 19:56:{:02} refused", id="our stamp"),
        pytest.param("2026-11-23T19:56:{:02}.123Z refused", id="an ISO stamp"),
        pytest.param("[2026-11-23 19:56:{:02} +0000] refused", id="gunicorn's stamp"),
        pytest.param("2026/11/23 19:56:{:02} [error] refused", id="nginx's stamp"),
    ],
)
def test_time_stamps_do_not_make_lines_different(line):
    limiter = RepeatLimiter(limit=3)
    through = [out for n in range(10) for out in limiter.admit(line.format(n), 5.0)]
    assert len(through) == 3


def test_many_distinct_lines_do_not_fill_the_memory():
    limiter = RepeatLimiter()
    for n in range(10_000):
        list(limiter.admit(f"line {n}", 5.0))
    assert len(limiter._seen) <= 2_000


def logged(data, mask=str):
    out = []
    log = LogLines("proxy", mask, out.append)
    log.feed(data, 5.0)
    log.flush(6.0)
    return out


def test_lines_carry_the_name_of_the_child():
    assert logged(b"one\ntwo") == ["proxy    | one", "proxy    | two"]


def test_lines_are_at_most_eight_kilobytes():
    [line] = logged(b"a" * 100_000 + b"\n")
    assert len(line) <= LONGEST_LINE + 20


def test_secret_across_the_cut_is_masked_before_cutting():
    data = b"a" * (LONGEST_LINE - 5) + b"secret-word" + b"\n"
    [line] = logged(data, lambda text: text.replace("secret-word", "***"))
    assert "secr" not in line


def test_terminal_sequences_are_made_visible():
    assert "\x1b" not in logged(b"\x1b[2J gone\n")[0]
