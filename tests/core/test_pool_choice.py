"""Choosing among shared accounts: tables, and a machine that lends and takes back at random."""

import math
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from core.account import Account, AccountStatus, Traffic
from core.leases import Lease, Leases
from core.pool_choice import Pool, Strategy, Wish, choose, is_served, ranked, wakes_at, why_not
from core.pools import Reach
from core.rests import WELL, Rest

NOW = 1000.0


def account(account_id, **more):
    return Account(id=account_id, name=str(account_id), sso_token="t", **more)


@dataclass
class Live:
    """The pool's state, as plain dictionaries."""

    leases: Leases = field(default_factory=Leases)
    rests: dict = field(default_factory=dict)
    lefts: dict = field(default_factory=dict)
    resets: dict = field(default_factory=dict)

    def loans(self, account_id):
        return self.leases.loans.get(account_id, 0)

    def uses(self, account_id):
        return self.leases.uses.get(account_id, 0)

    def lent_at(self, account_id):
        return self.leases.lent_at(account_id)

    def rest(self, account_id, mode):
        return self.rests.get((account_id, mode), WELL)

    def left(self, account_id, mode):
        return self.lefts.get((account_id, mode))

    def resets_at(self, account_id, mode):
        return self.resets.get((account_id, mode), 0.0)


def pick(strategy, accounts, live=None, wish=None, draw=0.0):
    live, wish = live or Live(), wish or Wish(cap=2)
    order = ranked(strategy, accounts, wish, live, NOW).ids
    pool = Pool(strategy, order, {a.id: a for a in accounts}, live)
    return choose(pool, wish, now=NOW, draw=draw)


def lent(*account_ids):
    leases = Leases()
    for account_id in account_ids:
        leases.end(leases.lend(account_id))
    return Live(leases)


@pytest.mark.parametrize(
    ("account_", "live", "wish", "reason"),
    [
        pytest.param(account(1), Live(), Wish(), "", id="an account that is well"),
        pytest.param(account(1, enabled=False), Live(), Wish(), "disabled", id="switched off"),
        pytest.param(
            account(1, status=AccountStatus.SIGNED_OUT), Live(), Wish(), "signed_out", id="dead"
        ),
        pytest.param(
            account(1, status=AccountStatus.CHALLENGED), Live(), Wish(), "", id="only challenged"
        ),
        pytest.param(account(1, draining=True), Live(), Wish(), "draining", id="draining"),
        pytest.param(account(1, private_to=7), Live(), Wish(), "private", id="private"),
        pytest.param(
            account(1, traffic=Traffic.WEB), Live(), Wish(), "other traffic", id="for the web"
        ),
        pytest.param(account(1, traffic=Traffic.API), Live(), Wish(), "", id="for the API"),
        pytest.param(account(1, tier="super"), Live(), Wish("heavy"), "tier too low", id="tier"),
        pytest.param(account(1), Live(), Wish("heavy"), "", id="a tier nobody knows"),
        pytest.param(
            account(1, cooling_until=NOW + 1), Live(), Wish(), "resting", id="cooling in its row"
        ),
        pytest.param(
            account(1), Live(rests={(1, "fast"): Rest(NOW + 1, 1)}), Wish("fast"), "resting",
            id="resting in this mode",
        ),
        pytest.param(
            account(1), Live(rests={(1, "fast"): Rest(NOW + 1, 1)}), Wish("expert"), "",
            id="resting in another mode",
        ),
        pytest.param(
            account(1), Live(lefts={(1, "fast"): 0}), Wish("fast"), "quota used up", id="used up"
        ),
        pytest.param(account(1), Live(), Wish(avoid=frozenset({1})), "avoided", id="has failed"),
        pytest.param(None, Live(), Wish(), "gone", id="deleted"),
    ],
)  # fmt: skip
def test_who_is_lent_and_why_not(account_, live, wish, reason):
    assert why_not(account_, wish, live, NOW) == reason


def test_a_cap_bounds_the_leases_of_one_account():
    live = Live()
    live.leases.lend(1)
    assert why_not(account(1), Wish(cap=2), live, NOW) == ""
    live.leases.lend(1)
    assert why_not(account(1), Wish(cap=2), live, NOW) == "busy"


def test_after_a_rest_one_call_probes_and_the_others_wait():
    live = Live(rests={(1, ""): Rest(NOW - 1, 1, "challenged")})
    assert why_not(account(1), Wish(), live, NOW) == ""
    live.leases.lend(1)
    assert why_not(account(1), Wish(), live, NOW) == "probing"


@pytest.mark.parametrize(
    ("strategy", "live", "expected"),
    [
        pytest.param(
            Strategy.MOST_QUOTA, Live(lefts={(1, ""): 3, (2, ""): 30}), 2, id="most quota"
        ),
        pytest.param(Strategy.MOST_QUOTA, lent(1, 2), 3, id="no quota known: the longest rested"),
        pytest.param(Strategy.LEAST_USED, lent(1, 2, 3, 1, 3), 2, id="least used"),
        pytest.param(Strategy.ROUND_ROBIN, lent(2, 3, 1), 2, id="round robin"),
        pytest.param(Strategy.PRIORITY, lent(3), 3, id="priority"),
        pytest.param(Strategy.RANDOM, Live(), 2, id="random goes by the draw"),
    ],
)
def test_a_strategy_tells_the_better_one(strategy, live, expected):
    accounts = [account(1), account(2), account(3, priority=5)]
    assert pick(strategy, accounts, live, draw=0.5).account.id == expected


@pytest.mark.parametrize("strategy", list(Strategy))
def test_reserves_are_lent_when_nobody_else_is(strategy):
    reserve, usual = account(1, traffic=Traffic.RESERVE), account(2)
    for draw in (0.0, 0.5, 0.99):
        assert pick(strategy, [reserve, usual], draw=draw).account.id == 2
        assert pick(strategy, [reserve], draw=draw).account.id == 1


@pytest.mark.parametrize(
    ("mode", "tiers", "served"),
    [
        ("fast", {"basic"}, True),
        ("fast", set(), False),
        ("heavy", {"basic", "super"}, False),
        ("heavy", {"basic", "heavy"}, True),
        ("heavy", {""}, True),
    ],
)
def test_a_mode_is_served_by_the_tiers_that_have_it(mode, tiers, served):
    assert is_served(mode, tiers) is served


def test_a_sticky_call_stays_while_it_may():
    accounts = [account(1), account(2)]
    choice = pick(Strategy.MOST_QUOTA, accounts, wish=Wish(sticky=2))
    assert (choice.account.id, choice.sticky) == (2, True)
    gone = [account(1), account(2, enabled=False)]
    assert pick(Strategy.MOST_QUOTA, gone, wish=Wish(sticky=2)).account.id == 1


def test_a_choice_explains_itself():
    live = Live()
    live.leases.lend(2)
    accounts = [account(1), account(2), account(3)]
    choice = pick(Strategy.LEAST_USED, accounts, live, Wish(cap=1, avoid=frozenset({1})))
    assert choice.candidates == (3,)
    assert choice.skipped == {"avoided": 1, "busy": 1}
    assert set(choice.examples) == {(1, "avoided"), (2, "busy")}
    assert not choice.all_busy


def test_waiting_helps_when_somebody_is_busy_only():
    live = Live()
    live.leases.lend(1)
    assert pick(Strategy.RANDOM, [account(1)], live, Wish(cap=1)).all_busy
    assert not pick(Strategy.RANDOM, [account(1)], wish=Wish(avoid=frozenset({1}))).all_busy
    assert not pick(Strategy.RANDOM, []).all_busy


def test_the_earliest_to_wake_is_known():
    accounts = [
        account(1, cooling_until=NOW + 90),
        account(2),
        account(3),
        account(4, draining=True),
    ]
    live = Live(
        rests={(2, "fast"): Rest(NOW + 40, 1)},
        lefts={(3, "fast"): 0},
        resets={(3, "fast"): NOW + 20},
    )
    wish = Wish("fast")
    assert wakes_at(accounts, wish, live, NOW) == NOW + 20
    assert wakes_at(accounts[:2], wish, live, NOW) == NOW + 40
    assert wakes_at(accounts[3:], wish, live, NOW) is None


@pytest.mark.parametrize("strategy", list(Strategy))
def test_a_thousand_draws_are_fair(strategy):
    accounts, live, draws = [account(n) for n in range(1, 11)], Live(), random.Random(4)
    drawn = Counter()
    for _ in range(1000):
        chosen = pick(strategy, accounts, live, draw=draws.random()).account.id
        live.leases.end(live.leases.lend(chosen))
        drawn[chosen] += 1
    slack = 45 if strategy is Strategy.RANDOM else 1
    assert all(abs(drawn[a.id] - 100) <= slack for a in accounts)


class PoolMachine(RuleBasedStateMachine):
    """Lends, ends (also twice), rests, wakes and disables in any order."""

    def __init__(self):
        super().__init__()
        self.now, self.live = NOW, Live()
        self.accounts = {n: account(n) for n in range(1, 6)}
        self.open: list[Lease] = []
        self.ended: list[Lease] = []

    @rule(strategy=st.sampled_from(list(Strategy)), cap=st.integers(1, 3), draw=st.floats(0, 0.99))
    def lend(self, strategy, cap, draw):
        wish = Wish("fast", cap=cap)
        order = ranked(strategy, self.accounts.values(), wish, self.live, self.now).ids
        pool = Pool(strategy, order, self.accounts, self.live)
        chosen = choose(pool, wish, now=self.now, draw=draw).account
        fit = [a.id for a in self.accounts.values() if not why_not(a, wish, self.live, self.now)]
        assert (chosen is None) == (not fit)
        if chosen:
            assert chosen.enabled
            assert not self.live.rest(chosen.id, "fast").is_resting(self.now)
            assert self.live.loans(chosen.id) < cap
            self.open.append(self.live.leases.lend(chosen.id))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def end(self, data):
        lease = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        assert self.live.leases.end(lease)
        self.ended.append(lease)

    @precondition(lambda self: self.ended)
    @rule(data=st.data())
    def end_again(self, data):
        assert not self.live.leases.end(data.draw(st.sampled_from(self.ended)))

    @rule(account_id=st.integers(1, 5), seconds=st.integers(1, 100))
    def rest(self, account_id, seconds):
        self.live.rests[account_id, "fast"] = Rest(self.now + seconds, 1, "rate_limited")

    @rule(account_id=st.integers(1, 5))
    def heal(self, account_id):
        self.live.rests.pop((account_id, "fast"), None)

    @rule(account_id=st.integers(1, 5), enabled=st.booleans())
    def switch(self, account_id, enabled):
        self.accounts[account_id] = account(account_id, enabled=enabled)

    @rule(seconds=st.integers(1, 60))
    def wait(self, seconds):
        self.now += seconds

    @invariant()
    def nothing_leaks(self):
        assert len(self.live.leases) == len(self.open)
        assert self.live.leases.loans == Counter(lease.account_id for lease in self.open)
        assert len({lease.number for lease in self.open}) == len(self.open)
        assert math.isfinite(self.now)


TestPoolMachine = PoolMachine.TestCase
TestPoolMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_only_accounts_within_reach_are_chosen_even_when_sticky():
    accounts = [account(1), account(2)]
    wish = Wish(cap=2, sticky=1, within=Reach("2", frozenset({2})))
    choice = pick(Strategy.LEAST_USED, accounts, wish=wish)
    assert (choice.account.id, choice.sticky) == (2, False)
    assert why_not(accounts[0], wish, Live(), NOW) == "other pool"
    assert wakes_at(accounts[:1], wish, Live(), NOW) is None


def test_a_ranking_knows_why_it_left_some_out():
    live = Live(rests={(3, ""): Rest(NOW + 60, 1, "failed")})
    accounts = [
        account(1),
        account(2, enabled=False),
        account(3),
        *(account(n, draining=True) for n in range(4, 10)),
    ]
    ranking = ranked(Strategy.LEAST_USED, accounts, Wish(), live, NOW)
    assert ranking.ids == [1]
    assert ranking.skipped == {"disabled": 1, "resting": 1, "draining": 6}
    assert [number for number, why in ranking.examples if why == "draining"] == [4, 5, 6]
    pool = Pool(Strategy.LEAST_USED, ranking.ids, {a.id: a for a in accounts}, live)
    choice = ranking.explain(choose(pool, Wish(avoid=frozenset({1})), now=NOW, draw=0.0))
    assert choice.skipped == {"avoided": 1, "disabled": 1, "resting": 1, "draining": 6}
    assert choice.examples[0] == (1, "avoided")
    sticky = choose(pool, Wish(sticky=1), now=NOW, draw=0.0)
    assert ranking.explain(sticky) is sticky
