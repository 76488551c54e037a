"""How long a turn may be silent."""

from api_bridge.watch import Patience, SilenceWatch

PATIENCE = Patience(first_word=25, idle=150, tell=10)


def watch(*, may_retry=True):
    return SilenceWatch(PATIENCE, 100.0, may_retry=may_retry)


def test_nothing_counts_before_the_question_is_on_its_way():
    assert watch().stalled(10_000.0) is None


def test_the_first_word_is_awaited_for_less_time_where_others_can_be_asked():
    for may_retry, limit in ((True, 25), (False, 150)):
        silent = watch(may_retry=may_retry)
        silent.heard(100.0)
        assert silent.stalled(100.0 + limit - 0.1) is None
        assert silent.stalled(100.0 + limit).kind == "stalled"


def test_once_begun_an_answer_gets_the_long_limit():
    begun = watch()
    begun.heard(100.0)
    begun.began()
    assert begun.stalled(130.0) is None
    assert begun.stalled(250.0)


def test_every_sign_of_life_starts_the_count_anew():
    alive = watch()
    for moment in (100.0, 120.0, 140.0):
        alive.heard(moment)
    assert alive.stalled(160.0) is None


def test_the_caller_is_told_now_and_then():
    silent = watch()
    assert (silent.must_tell(109.0), silent.must_tell(110.0)) == (False, True)
    silent.told(110.0)
    assert not silent.must_tell(119.0)


def test_it_waits_until_the_next_thing_is_due():
    silent = watch()
    assert silent.wait(104.0) == 6.0
    silent.heard(80.0)
    assert silent.wait(104.0) == 1.0
    assert silent.wait(200.0) == 0.0
