"""Choosing and learning, without a socket: the snapshot lags, the store records."""

from dataclasses import dataclass, field, replace

import pytest

from addons.egress_pool import EgressPool
from addons.legs import DialError, Fault
from addons.tunnel import Attempt, Candidate
from core.egress import Egress, EgressSpec

NOW = 1_000_000.0


@dataclass(frozen=True)
class Account:
    egress_id: int | None = None


@dataclass
class Database:
    """A snapshot that only changes when a test says so, and a store that remembers."""

    egresses: dict[int, Egress] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    bound: list[tuple[int, int]] = field(default_factory=list)
    cooled: list[tuple[int, float, int, str]] = field(default_factory=list)
    fails: bool = False

    async def bind_egress(self, account_id: int, egress_id: int) -> None:
        if self.fails:
            raise OSError("the disk is full at /secret/place")
        self.bound.append((account_id, egress_id))

    async def cool_egress(self, egress_id: int, until: float, failures: int, error: str) -> None:
        self.cooled.append((egress_id, until, failures, error))

    def show(self, number: int, **fields) -> None:
        self.egresses = {**self.egresses, number: replace(self.egresses[number], **fields)}


def egress(number: int, **fields) -> Egress:
    return Egress(id=number, spec=EgressSpec.parse(f"http://u:s3cret@e{number}:80"), **fields)


@pytest.fixture
def database() -> Database:
    return Database(
        {n: egress(n) for n in (1, 2, 3)}, {10: Account(1), 20: Account(2), 30: Account(2)}
    )


@pytest.fixture
def pool(database) -> EgressPool:
    return EgressPool(lambda: database, database, lambda: NOW)


def named(pool: EgressPool, account_id: int | None, egress_id: int | None) -> str:
    token = pool.token_for(account_id, egress_id)
    assert token
    return f"client/{token}"


async def ways(pool: EgressPool, label: str) -> list[int | None]:
    return [candidate.egress_id for candidate in await pool.candidates(label)]


def way(number: int) -> Candidate:
    return Candidate(number, egress(number).spec)


def bad(number: int, fault: Fault = Fault.EGRESS) -> Attempt:
    return Attempt(way(number), DialError("refused the connection", fault))


async def test_an_account_keeps_its_egress(pool, database):
    assert named(pool, 10, 1).startswith("client/a10-e1-")
    await pool.written()
    assert database.bound == []


async def test_an_account_without_one_is_given_the_least_used_and_keeps_it(pool, database):
    database.accounts[40] = Account()
    assert named(pool, 40, None).startswith("client/a40-e3-")
    database.accounts[50] = Account()
    assert named(pool, 50, None).startswith("client/a50-e1-")  # 3 is taken, though not shown yet
    assert named(pool, 40, None).startswith("client/a40-e3-")
    await pool.written()
    assert database.bound == [(40, 3), (50, 1)]


async def test_nobodys_flow_also_needs_an_egress_but_binds_nothing(pool, database):
    assert named(pool, None, None).startswith("client/a0-e3-")
    await pool.written()
    assert database.bound == []


async def test_two_accounts_on_one_egress_share_no_connection(pool):
    assert pool.token_for(20, 2) != pool.token_for(30, 2)


async def test_edited_credentials_part_from_old_connections(pool, database):
    before = pool.token_for(10, 1)
    database.show(1, spec=EgressSpec.parse("http://u:other@e1:80"))
    after = pool.token_for(10, 1)
    assert before != after
    assert "other" not in after


async def test_own_egress_first_then_one_other(pool):
    assert await ways(pool, named(pool, 10, 1)) == [1, 3]


async def test_an_empty_library_means_direct(pool, database):
    database.egresses = {}
    database.accounts = {10: Account()}
    assert await pool.candidates(named(pool, 10, None)) == (Candidate(None, None),)


async def test_never_direct_when_the_bound_egress_is_gone(pool, database):
    label = named(pool, 10, 1)
    database.egresses = {}
    assert pool.token_for(10, 1) is None
    assert await pool.candidates(label) == []


async def test_never_direct_when_the_library_was_filled_meanwhile(pool, database):
    library, database.egresses, database.accounts = database.egresses, {}, {10: Account()}
    label = named(pool, 10, None)
    database.egresses = library
    assert await ways(pool, label) == [1, 2]


@pytest.mark.parametrize("sick", [{"enabled": False}, {"cooling_until": NOW + 1, "failures": 1}])
async def test_with_nobody_healthy_nothing_leaves(pool, database, sick):
    label = named(pool, 10, 1)
    for number in (1, 2, 3):
        database.show(number, **sick)
    assert pool.token_for(10, 1) is None
    assert await pool.candidates(label) == []


async def test_a_failure_rests_the_egress_and_the_account_moves(pool, database, caplog):
    label = named(pool, 10, 1)
    pool.settled(label, way(3), [bad(1)])
    assert named(pool, 10, 1).startswith("client/a10-e3-")
    assert await ways(pool, label) == [3, 2]
    await pool.written()
    assert database.cooled == [(1, NOW + 30, 1, "refused the connection")]
    assert database.bound == [(10, 3)]
    assert "s3cret" not in caplog.text


async def test_fifty_failures_at_once_are_one(pool, database):
    label = named(pool, 10, 1)
    for _ in range(50):
        pool.settled(label, None, [bad(1)])
    await pool.written()
    assert database.cooled == [(1, NOW + 30, 1, "refused the connection")]


async def test_a_fault_beyond_convicts_only_when_another_got_through(pool, database):
    label = named(pool, 10, 1)
    pool.settled(label, None, [bad(1, Fault.BEYOND), bad(3, Fault.BEYOND)])
    await pool.written()
    assert database.cooled == []
    pool.settled(label, way(3), [bad(1, Fault.BEYOND)])
    await pool.written()
    assert [cooled[0] for cooled in database.cooled] == [1]


async def test_a_success_forgives_what_went_before(pool, database):
    database.show(1, failures=4, cooling_until=NOW - 1)
    pool.settled(named(pool, 10, 1), way(1), [])
    pool.settled(named(pool, 10, 1), way(1), [])
    await pool.written()
    assert database.cooled == [(1, 0.0, 0, "")]


async def test_two_tunnels_do_not_move_an_account_to_and_fro(pool, database):
    label = named(pool, 10, 1)
    pool.settled(label, way(3), [bad(1)])
    pool.settled(label, way(2), [bad(1)])
    await pool.written()
    assert database.bound == [(10, 3)]


async def test_what_the_operator_did_later_counts(pool, database):
    label = named(pool, 10, 1)
    pool.settled(label, way(3), [bad(1)])
    database.show(1, cooling_until=NOW + 30, failures=1)  # our own note arrives
    assert (await ways(pool, label))[0] == 3
    database.show(1, cooling_until=0.0, failures=0)  # "try again" on the admin page
    database.accounts[10] = Account(2)
    assert named(pool, 10, 2).startswith("client/a10-e2-")
    assert (await ways(pool, label))[0] == 1


async def test_a_store_that_fails_costs_the_note_not_the_request(pool, database, caplog):
    database.fails = True
    database.accounts[40] = Account()
    assert named(pool, 40, None).startswith("client/a40-e3-")
    await pool.written()
    assert "could not be stored (OSError)" in caplog.text
    assert "secret" not in caplog.text


async def test_an_egress_deleted_meanwhile_is_no_error(pool, database):
    label = named(pool, 10, 1)
    del database.egresses[1]
    pool.settled(label, None, [bad(1)])
    pool.settled(label, way(1), [])
    await pool.written()
    assert database.cooled == []
