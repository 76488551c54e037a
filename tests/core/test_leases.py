from core.leases import Leases


def test_a_lease_ends_once_however_often_it_is_ended():
    leases = Leases()
    first, second = leases.lend(1), leases.lend(1)
    assert (leases.loans[1], len(leases)) == (2, 2)
    assert leases.end(first)
    assert not leases.end(first)
    assert leases.loans[1] == 1
    assert leases.end(second)
    assert dict(leases.loans) == {}
    assert leases.uses[1] == 2


def test_the_order_of_leases_is_remembered():
    leases = Leases()
    for account_id in (2, 1):
        leases.end(leases.lend(account_id))
    assert leases.lent_at(3) < leases.lent_at(2) < leases.lent_at(1)
