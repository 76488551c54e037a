"""The first pieces go on at once, the others so often and no oftener; fewer under load."""

import pytest

from core.pace import AT_ONCE, IN_TIME, LATE, LONGEST_GAP, Pace, Tempo


def spent(pace, count, now=7.0):
    return [pace.spend(now) for _ in range(count)]


def test_a_number_of_pieces_is_free_and_then_each_has_its_time():
    waits = spent(Pace(gap=0.05), AT_ONCE + 2)
    assert waits == pytest.approx([0] * AT_ONCE + [0.05, 0.05])


def test_who_waits_as_told_is_told_the_same_again():
    pace, now = Pace(gap=0.05), 7.0
    spent(pace, AT_ONCE, now)
    waits = []
    for _ in range(5):
        waits.append(pace.spend(now))
        now += waits[-1]
    assert waits == pytest.approx([0.05] * 5)


def test_silence_earns_the_first_pieces_again_and_no_more():
    pace = Pace(gap=0.05)
    spent(pace, AT_ONCE)
    assert spent(pace, AT_ONCE + 1, 100.0) == pytest.approx([0] * AT_ONCE + [0.05])


def test_what_is_said_to_another_question_waits_for_nothing():
    pace = Pace(gap=0.05)
    spent(pace, AT_ONCE + 9)
    pace.begin_anew()
    assert spent(pace, AT_ONCE + 1) == pytest.approx([0] * AT_ONCE + [0.05])


def test_a_gap_that_has_grown_is_never_waited_for_twice():
    tempo = Tempo(gap=0.02)
    pace = Pace(tempo)
    spent(pace, AT_ONCE + 1)
    tempo.gap = LONGEST_GAP
    assert pace.spend(7.02) == LONGEST_GAP


def test_without_a_gap_nothing_ever_waits():
    assert set(spent(Pace(), 1000)) == {0.0}


def test_the_longer_gap_counts_and_it_is_the_same_for_all():
    tempo = Tempo(gap=0.1)
    slow, fast = Pace(tempo, gap=0.05), Pace(tempo)
    for pace in (slow, fast):
        assert spent(pace, AT_ONCE + 1)[-1] == pytest.approx(0.1)
    tempo.gap = 0.0
    assert (slow.spend(999.0), fast.spend(999.0)) == (0, 0)


def noted(tempo, lateness, times):
    for _ in range(times):
        tempo.note(lateness)
    return tempo.gap


def test_a_process_that_is_late_takes_longer_gaps_up_to_a_longest():
    tempo = Tempo()
    assert 0 < noted(tempo, LATE * 2, 1) < noted(tempo, LATE * 2, 1) < LONGEST_GAP
    assert noted(tempo, 1.0, 40) == LONGEST_GAP


def test_one_that_is_neither_late_nor_in_time_comes_back_slowly():
    between = (LATE + IN_TIME) / 2
    assert 0.06 < noted(Tempo(gap=0.07), between, 9) < 0.07
    assert noted(Tempo(gap=LONGEST_GAP), between, 300) == 0.0


def test_one_that_has_caught_up_gathers_no_more():
    tempo = Tempo(gap=LONGEST_GAP)
    assert 0 < noted(tempo, 0.0, 5) < LONGEST_GAP
    assert noted(tempo, 0.0, 60) == 0.0
