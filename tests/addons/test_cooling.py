"""What one answer after the other puts to rest, and what wakes it."""

import time
from types import SimpleNamespace

import pytest

from addons.cooling import Cooling
from addons.mode_book import ModeBook
from core.outcomes import Outcome
from core.stream_errors import Said


class Store:
    """One account with an egress; keeps what was written."""

    def __init__(self):
        self.accounts = {7: SimpleNamespace(egress_id=3)}
        self.cooled, self.egresses = [], []

    async def call(self, function, *args):
        assert function.__name__ == "cool_account"
        self.cooled.append(args)

    async def cool_egress(self, *args):
        self.egresses.append(args)


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def modes(store):
    return ModeBook(store)


@pytest.fixture
def cooling(store, modes):
    return Cooling(store, modes)


def rests(modes, mode):
    return modes.rest_of(7, mode).is_resting(time.time())


async def test_a_limit_rests_one_mode_and_no_other(cooling, modes, store):
    await cooling.bad(7, "fast", Said(Outcome.RATE_LIMITED, 30.0))
    assert rests(modes, "fast")
    assert not rests(modes, "expert")
    assert store.cooled == []


async def test_a_limit_without_a_mode_rests_the_account(cooling, modes, store):
    await cooling.bad(7, "", Said(Outcome.RATE_LIMITED))
    assert rests(modes, "fast")
    assert [(args[0], args[2]) for args in store.cooled] == [(7, "rate_limited")]


async def test_a_challenge_rests_the_account_in_every_mode(cooling, modes, store):
    await cooling.bad(7, "fast", Said(Outcome.CHALLENGED))
    assert rests(modes, "expert")
    assert len(store.cooled) == 1


async def test_a_region_rests_the_egress_and_spares_the_account(cooling, modes, store):
    await cooling.bad(7, "fast", Said(Outcome.REGION))
    assert [(args[0], args[3]) for args in store.egresses] == [(3, "region")]
    assert not rests(modes, "fast")


@pytest.mark.parametrize(
    ("outcome", "is_turn", "wakes"),
    [
        pytest.param(Outcome.CHALLENGED, False, True, id="any page ends a challenge"),
        pytest.param(Outcome.RATE_LIMITED, False, False, id="a page ends no limit"),
        pytest.param(Outcome.RATE_LIMITED, True, True, id="an answered question does"),
    ],
)
async def test_what_wakes_an_account(cooling, modes, store, outcome, is_turn, wakes):
    await cooling.bad(7, "", Said(outcome))
    await cooling.good(7, "", time.monotonic() + 1, is_turn=is_turn)
    assert rests(modes, "") is not wakes
    assert (store.cooled[-1][1:] == (0.0, "")) is wakes


async def test_an_answer_to_an_older_question_wakes_nothing(cooling, modes):
    set_out = time.monotonic()
    await cooling.bad(7, "fast", Said(Outcome.RATE_LIMITED))
    await cooling.good(7, "fast", set_out - 1, is_turn=True)
    assert rests(modes, "fast")
